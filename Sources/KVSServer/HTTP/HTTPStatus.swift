/// A status code with its reason phrase (RFC 9110 §15).
///
/// The phrase is ours because libevent 2.1.12 knows none of 421, 431, 507 and 508.
struct HTTPStatus: Equatable, Sendable {
    let code: Int
    let reason: StaticString

    static let ok = HTTPStatus(200, "OK")
    static let created = HTTPStatus(201, "Created")
    static let badRequest = HTTPStatus(400, "Bad Request")
    static let notFound = HTTPStatus(404, "Not Found")
    static let methodNotAllowed = HTTPStatus(405, "Method Not Allowed")
    static let requestTimeout = HTTPStatus(408, "Request Timeout")
    static let contentTooLarge = HTTPStatus(413, "Content Too Large")
    static let uriTooLong = HTTPStatus(414, "URI Too Long")
    static let unsupportedMediaType = HTTPStatus(415, "Unsupported Media Type")
    static let expectationFailed = HTTPStatus(417, "Expectation Failed")
    static let fieldsTooLarge = HTTPStatus(431, "Request Header Fields Too Large")
    static let internalServerError = HTTPStatus(500, "Internal Server Error")
    static let notImplemented = HTTPStatus(501, "Not Implemented")
    static let serviceUnavailable = HTTPStatus(503, "Service Unavailable")
    static let versionNotSupported = HTTPStatus(505, "HTTP Version Not Supported")
    static let insufficientStorage = HTTPStatus(507, "Insufficient Storage")
    static let loopDetected = HTTPStatus(508, "Loop Detected")

    init(_ code: Int, _ reason: StaticString) {
        self.code = code
        self.reason = reason
    }

    static func == (left: HTTPStatus, right: HTTPStatus) -> Bool { left.code == right.code }
}
