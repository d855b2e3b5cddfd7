/// Why the guard answers a request itself and closes its connection.
package struct Refusal: Error, Equatable, Sendable {
    package let status: HTTPStatus
    /// ASCII that needs no escaping in JSON.
    package let message: StaticString

    init(_ status: HTTPStatus, _ message: StaticString) {
        self.status = status
        self.message = message
    }

    package static func == (left: Refusal, right: Refusal) -> Bool {
        left.status == right.status && left.message.description == right.message.description
    }

    static let malformedRequestLine = Refusal(
        .badRequest,
        "malformed request line: expected METHOD SP target SP HTTP/1.1 CRLF"
    )
    static let versionNotSupported = Refusal(
        .versionNotSupported,
        "this server speaks HTTP/1.1 and HTTP/1.0"
    )
    static let malformedTarget = Refusal(
        .badRequest,
        "malformed request target: expected a path of visible ASCII such as /kvs/key"
    )
    static let targetTooLong = Refusal(.uriTooLong, "the request target is too long")
    static let headTooLarge = Refusal(.fieldsTooLarge, "the header block is too large")
    static let tooManyFields = Refusal(.fieldsTooLarge, "too many header fields")
    static let tooManyConnectionOptions = Refusal(
        .badRequest,
        "the Connection fields name too many options: 64 at most"
    )
    static let connectNotImplemented = Refusal(.notImplemented, "this server is no proxy")
    static let bareLineFeed = Refusal(
        .badRequest,
        "lines of the header block must end in CRLF"
    )
    static let methodTooLong = Refusal(.notImplemented, "the request method is not implemented")
    static let foldedField = Refusal(
        .badRequest,
        "a header field must not go on in the next line"
    )
    static let malformedField = Refusal(
        .badRequest,
        "malformed header field: expected name, colon, value"
    )
    static let malformedHost = Refusal(.badRequest, "malformed Host field")
    static let hostNotUnique = Refusal(.badRequest, "exactly one Host field is required")
    static let malformedContentLength = Refusal(
        .badRequest,
        "Content-Length must be one field of digits only"
    )
    static let conflictingFraming = Refusal(
        .badRequest,
        "Content-Length and Transfer-Encoding exclude each other"
    )
    static let repeatedTransferEncoding = Refusal(
        .badRequest,
        "Transfer-Encoding must be one field"
    )
    static let transferEncodingInOldVersion = Refusal(
        .badRequest,
        "Transfer-Encoding needs HTTP/1.1"
    )
    static let unknownTransferCoding = Refusal(
        .notImplemented,
        "the only transfer coding supported is chunked"
    )
    static let expectationFailed = Refusal(
        .expectationFailed,
        "the only expectation supported is 100-continue"
    )
    static let bodyTooLarge = Refusal(
        .contentTooLarge,
        "the request body is too large: a value has at most 1572864 bytes"
    )
    static let malformedChunk = Refusal(.badRequest, "malformed chunked body")
    package static let serverIsFull = Refusal(
        .serviceUnavailable,
        "the server holds too much for other clients: try again"
    )
    package static let requestTimedOut = Refusal(
        .requestTimeout,
        "the request did not arrive whole in time"
    )
}
