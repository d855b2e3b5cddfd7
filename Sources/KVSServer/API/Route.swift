import Wire

/// What the target of a request names.
enum Route {
    /// A key, not decoded: what follows `/kvs/`; and the query, which may be empty. Valid as long as the
    /// request.
    case key(UnsafeRawBufferPointer, query: UnsafeRawBufferPointer)
    /// `/kvs`: all keys; and the query, as of ``key(_:query:)``.
    case keys(query: UnsafeRawBufferPointer)
    /// `/livez`: whether this process is well.
    case live
    /// `/readyz`: whether requests for keys can be served.
    case ready
    /// `/metrics`: what has been counted.
    case metrics
    /// `*`, or an address without a path: the server as a whole (RFC 9110 §9.3.7, RFC 9112 §3.2.4).
    case server
    /// Nothing of ours.
    case unknown

    /// - Parameter target: The path and the query, not decoded.
    init(target: UnsafeRawBufferPointer) {
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        let path = target.slice(0..<end)
        let query =
            end < target.count
            ? target.slice((end + 1)..<target.count) : UnsafeRawBufferPointer.none
        if path.count >= 5, path.slice(0..<5).equals("/kvs/") {
            self = .key(path.slice(5..<path.count), query: query)
        } else if path.equals("/kvs") {
            self = .keys(query: query)
        } else if path.equals("/livez") {
            self = .live
        } else if path.equals("/readyz") {
            self = .ready
        } else if path.equals("/metrics") {
            self = .metrics
        } else if path.equals("*") || target.isEmpty {
            self = .server
        } else {
            self = .unknown
        }
    }

    /// Whether it takes requests of that method. What is not there answers 404 to each.
    func takes(_ method: HTTPMethod) -> Bool {
        switch (self, method) {
        case (.unknown, _), (.server, _), (_, .get), (_, .head), (_, .options), (.key, .put),
            (.key, .delete):
            true
        default: false
        }
    }

    /// The methods that it takes, for `Allow` (RFC 9110 §10.2.1).
    var allow: String {
        switch self {
        case .key, .server: "GET, HEAD, PUT, DELETE, OPTIONS"
        case .keys, .live, .ready, .metrics, .unknown: "GET, HEAD, OPTIONS"
        }
    }

    /// The same for whoever has used another.
    var methodsToUse: String {
        switch self {
        case .key, .server: "GET, HEAD, PUT or DELETE"
        case .keys: "GET or HEAD; a value is at /kvs/ and its key, for example /kvs/foo"
        case .live, .ready, .metrics, .unknown: "GET or HEAD"
        }
    }

    /// What metrics and logs call routes, by their labels.
    static let labelNames = ["none", "key", "keys", "live", "ready", "metrics"]

    /// The place of its name among ``labelNames``; 0 is for requests that no handler got, too.
    var label: UInt8 {
        switch self {
        case .unknown, .server: 0
        case .key: 1
        case .keys: 2
        case .live: 3
        case .ready: 4
        case .metrics: 5
        }
    }
}
