import ContractCases

/// A client of the service on one kept-alive connection. For one thread at a time.
///
/// It never sends a request twice: it connects anew only before a request, where the last response
/// closed the connection or the server has closed it since.
final class HTTPClient {
    let endpoint: Endpoint
    private let timeout: Duration
    private var wire: WireClient?

    init(_ endpoint: Endpoint, timeout: Duration = WireClient.patience) {
        self.endpoint = endpoint
        self.timeout = timeout
    }

    func get(_ key: String, headers: [String] = []) throws -> WireResponse {
        try send("GET", "/kvs/\(key)", headers: headers)
    }

    func head(_ key: String, headers: [String] = []) throws -> WireResponse {
        try send("HEAD", "/kvs/\(key)", headers: headers)
    }

    func delete(_ key: String, headers: [String] = []) throws -> WireResponse {
        try send("DELETE", "/kvs/\(key)", headers: headers)
    }

    /// Puts text by a form, as `curl -d val=…` does, with all that needs it percent-encoded.
    func put(_ key: String, _ value: String) throws -> WireResponse {
        try put(key, form: ClientBody.urlEncoded([("val", Array(value.utf8))]))
    }

    func put(_ key: String, form: [UInt8]) throws -> WireResponse {
        try put(key, body: form, contentType: "application/x-www-form-urlencoded")
    }

    func put(
        _ key: String,
        body: [UInt8],
        contentType: String?,
        headers: [String] = []
    ) throws -> WireResponse {
        let type = contentType.map { ["Content-Type: \($0)"] } ?? []
        return try send("PUT", "/kvs/\(key)", headers: type + headers, body: body)
    }

    /// Sends one request and reads its response.
    ///
    /// - Parameters:
    ///   - headers: Whole lines (`Name: value`); `Host` and `Content-Length` are added.
    ///   - body: Where nil, there is no `Content-Length` either.
    func send(
        _ method: String,
        _ target: String,
        headers: [String] = [],
        body: [UInt8]? = nil
    ) throws -> WireResponse {
        let wire = try connection()
        var lines = ["\(method) \(target) HTTP/1.1", "Host: \(endpoint)"] + headers
        if let body {
            lines.append("Content-Length: \(body.count)")
        }
        let head = lines.joined(separator: "\r\n") + "\r\n\r\n"
        do {
            let response = try wire.exchange(
                Array(head.utf8) + (body ?? []),
                isHead: method == "HEAD"
            )
            if response.isLast {
                disconnect()
            }
            return response
        } catch {
            disconnect()
            throw error
        }
    }

    /// Closes the connection; the next request opens another.
    func disconnect() {
        wire = nil
    }

    private func connection() throws -> WireClient {
        if let wire, !wire.isClosedByPeer {
            return wire
        }
        let new = try WireClient(endpoint, timeout: timeout)
        wire = new
        return new
    }
}
