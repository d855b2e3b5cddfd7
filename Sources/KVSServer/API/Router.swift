import EventHTTP
import EventLoops
import Wire

/// Whoever answers what the process cannot answer by itself: the store's handler in the main, the relay in
/// a forwarder.
protocol RouteHandler: AnyObject {
    /// Answers a request for a key, of a method that the route takes.
    ///
    /// - Parameters: See ``Route/key(_:query:)``.
    func handle(
        _ request: consuming HTTPRequest,
        key segment: UnsafeRawBufferPointer,
        query: UnsafeRawBufferPointer
    )

    /// Answers a request for a list of keys.
    func handleList(_ request: consuming HTTPRequest, query: UnsafeRawBufferPointer)

    /// Answers whether requests for keys can be served now: 200, or 503 and why.
    func handleReadiness(_ request: consuming HTTPRequest)

    /// Ends what is still under way; the loop stops.
    func close()
}

/// The server's paths: what each instance says of itself is said here, the rest is the handler's.
final class Router: HTTPHandler {
    private let handler: any RouteHandler
    private let metrics: any MetricsSource
    /// Measures the loop.
    private let lag: LoopLag

    init(_ handler: any RouteHandler, metrics: any MetricsSource, lag: LoopLag) {
        self.handler = handler
        self.metrics = metrics
        self.lag = lag
    }

    func handle(_ request: consuming HTTPRequest) {
        let route = Route(target: request.target)
        request.label = route.label
        guard route.takes(request.method) else {
            request.reply(.methodNotAllowed(use: route.methodsToUse), allow: route.allow)
            return
        }
        switch route {
        case .unknown: request.reply(.noSuchPath)
        // RFC 9110 §9.3.7.
        case _ where request.method == .options:
            request.reply(.noContent, .none, fields: [("Allow", route.allow)]) { _ in true }
        case .key(let segment, let query): handler.handle(request, key: segment, query: query)
        case .keys(let query): handler.handleList(request, query: query)
        case .live: request.replyIsHealthy()
        case .ready: handler.handleReadiness(request)
        case .metrics: request.reply(.ok, .metrics) { metrics.append(to: $0) }
        case .server: request.reply(.noSuchPath)
        }
    }

    func close() {
        handler.close()
        lag.close()
    }
}

extension HTTPRequest {
    /// Answers a health check.
    consuming func replyIsHealthy() {
        reply(.ok) { $0.append("{\"msg\":\"success\"}") }
    }

    /// Answers with an error of the API.
    ///
    /// - Parameters:
    ///   - allow: The `Allow` field of a 405.
    ///   - lines: See ``reply(_:_:fields:lines:headLength:body:)``.
    consuming func reply(
        _ error: APIError,
        allow: String = "",
        lines: (inout ReplyLines) -> Void = { _ in }
    ) {
        let fields: [(StaticString, String)] =
            switch error {
            // RFC 9110 §15.5.6.
            case .methodNotAllowed: [("Allow", allow)]
            // RFC 9110 §15.5.16 and §12.5.3.
            case .unsupportedContentEncoding: [("Accept-Encoding", "identity")]
            default: []
            }
        reply(error.status, error: error.message, fields: fields, lines: lines)
    }
}
