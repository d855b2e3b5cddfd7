extension WireClient {
    /// Reads one response, interim ones (1xx) included, with its body.
    ///
    /// - Parameter toHead: Whether it answers a HEAD request, so that no body follows.
    func readResponse(toHead: Bool = false) throws -> WireResponse {
        let head = try read(through: Array("\r\n\r\n".utf8))
        var response = try WireResponse(parsingHead: head.dropLast(4))
        if toHead || response.status < 200 || [204, 304].contains(response.status) {
            return response
        }
        if let coding = response[header: "Transfer-Encoding"] {
            guard coding.lowercased() == "chunked", response[header: "Content-Length"] == nil else {
                throw WireError.malformed("Transfer-Encoding: \(coding), or with a Content-Length")
            }
            response.body = try readChunks()
        } else if let length = response[header: "Content-Length"] {
            guard let count = Int(length), count >= 0 else {
                throw WireError.malformed("Content-Length: \(length)")
            }
            response.body = try read(count: count)
        } else {
            let (bytes, end) = try readUntilEnd()
            guard end == .closed else { throw WireError.reset(partial: head + bytes) }
            response.body = bytes
        }
        return response
    }

    /// Writes a request and reads its response.
    func exchange(_ request: some Sequence<UInt8>, isHead: Bool = false) throws -> WireResponse {
        try send(request)
        return try readResponse(toHead: isHead)
    }

    func exchange(_ request: String, isHead: Bool = false) throws -> WireResponse {
        try exchange(Array(request.utf8), isHead: isHead)
    }

    private func readChunks() throws -> [UInt8] {
        let lineEnd = Array("\r\n".utf8)
        var body: [UInt8] = []
        while true {
            let line = String(decoding: try read(through: lineEnd).dropLast(2), as: UTF8.self)
            let size = line.prefix { $0 != ";" }
            guard let count = Int(size, radix: 16), count >= 0 else {
                throw WireError.malformed("chunk size \(line.debugDescription)")
            }
            if count == 0 { break }
            body += try read(count: count)
            guard try read(count: 2) == lineEnd else {
                throw WireError.malformed("no CRLF after a chunk")
            }
        }
        while try read(through: lineEnd) != lineEnd {}
        return body
    }
}
