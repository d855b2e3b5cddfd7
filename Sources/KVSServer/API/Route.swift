import Wire

/// What the path of a request names.
enum Route {
    /// A key, not decoded: what follows `/kvs/`, without the query. Valid as long as the request.
    case key(UnsafeRawBufferPointer)
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
        let path = target.slice(0..<(target.firstIndex(of: UInt8(ascii: "?")) ?? target.count))
        if path.count > 5, path.slice(0..<5).equals("/kvs/") {
            self = .key(path.slice(5..<path.count))
        } else if path.equals("/kvs") || path.equals("/kvs/") {
            self = .key(path.slice(path.count..<path.count))
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
        case .live, .ready, .metrics, .unknown: "GET, HEAD, OPTIONS"
        }
    }

    /// What metrics and logs call routes, by their labels.
    static let labelNames = ["none", "key", "live", "ready", "metrics"]

    /// The place of its name among ``labelNames``; 0 is for requests that no handler got, too.
    var label: UInt8 {
        switch self {
        case .unknown, .server: 0
        case .key: 1
        case .live: 2
        case .ready: 3
        case .metrics: 4
        }
    }
}
