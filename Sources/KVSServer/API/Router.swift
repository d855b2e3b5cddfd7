/// Whoever answers requests for keys: the store's handler in the main, the relay in a forwarder.
protocol KeyRequestHandler: AnyObject {
    /// Answers a request whose target begins with `/kvs`.
    ///
    /// - Parameter segment: What follows `/kvs/` in the path; not decoded, without the query. Valid
    ///   during the call.
    func handle(_ request: consuming HTTPRequest, keySegment segment: UnsafeRawBufferPointer)

    /// Answers whether requests for keys can be served now: 200, or 503 and why. The method is GET or
    /// HEAD.
    func handleReadiness(_ request: consuming HTTPRequest)

    /// Ends what is still under way; the loop stops.
    func close()
}

/// The paths of the server: keys, and the health checks, which each instance answers for itself.
final class Router: HTTPHandler {
    private let keys: any KeyRequestHandler

    init(_ keys: any KeyRequestHandler) {
        self.keys = keys
    }

    func handle(_ request: consuming HTTPRequest) {
        let target = request.target
        let path = target.slice(
            0..<(target.firstIndex(of: UInt8(ascii: "?")) ?? target.count)
        )
        if path.count > 5, path.slice(0..<5).equals("/kvs/") {
            keys.handle(request, keySegment: path.slice(5..<path.count))
        } else if path.equals("/kvs") || path.equals("/kvs/") {
            keys.handle(request, keySegment: path.slice(path.count..<path.count))
        } else if path.equals("/livez") {
            if let request = Self.checkingMethod(request) { request.replyIsHealthy() }
        } else if path.equals("/readyz") {
            if let request = Self.checkingMethod(request) { keys.handleReadiness(request) }
        } else {
            request.reply(APIError.noSuchPath)
        }
    }

    func close() { keys.close() }

    /// The request, where it reads; others are answered here.
    private static func checkingMethod(_ request: consuming HTTPRequest) -> HTTPRequest? {
        if request.method == .get || request.method == .head { return request }
        request.reply(.methodNotAllowed, allow: "GET, HEAD")
        return nil
    }
}

extension HTTPRequest {
    /// Answers a health check.
    consuming func replyIsHealthy() {
        reply(.ok) { $0.append("{\"msg\":\"success\"}") }
    }

    /// Answers with an error of the API.
    ///
    /// - Parameter allow: The `Allow` field of a 405.
    consuming func reply(_ error: APIError, allow: String = "GET, HEAD, PUT, DELETE") {
        let fields: [(StaticString, String)] =
            switch error {
            // RFC 9110 §15.5.6.
            case .methodNotAllowed: [("Allow", allow)]
            // RFC 9110 §15.5.16 and §12.5.3.
            case .unsupportedContentEncoding: [("Accept-Encoding", "identity")]
            default: []
            }
        reply(error.status, error: error.message, fields: fields)
    }
}
