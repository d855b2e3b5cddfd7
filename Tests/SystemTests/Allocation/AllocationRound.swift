/// All kinds of requests for one key, while allocations fail. For one thread.
final class AllocationRound {
    private let endpoint: Endpoint
    private let key: String
    private var wire: WireClient?
    private var state = DoubtfulKey()
    /// What was answered wrongly.
    private(set) var wrong: [String] = []
    /// How often each status was answered; 0 stands for no answer.
    private(set) var statuses: [Int: Int] = [:]

    /// Longer than what is read at once, so that it is read where it stays.
    private static let largeValue = [UInt8](repeating: 0x61, count: 100_000)

    init(_ endpoint: Endpoint, key: String) {
        self.endpoint = endpoint
        self.key = key
    }

    func run() throws {
        try put("val=one", as: Array("one".utf8))
        try get()
        try put(Self.largeValue, "application/octet-stream", as: Self.largeValue)
        try get()
        try get("Accept: application/octet-stream\r\n", isRaw: true)
        _ = try ask(request("HEAD"), isHead: true)
        try put(#"{"val":"\u0001\"é"}"#, "application/json", as: Array("\u{1}\"é".utf8))
        try get("Accept: application/octet-stream\r\n", isRaw: true)
        try putInChunks()
        try get()
        try pipeline()
        try get("Connection: keep-alive\r\n", version: "1.0")
        try get("Connection: close\r\n")
        try get(version: "1.0")
        for path in ["livez", "readyz"] {
            try expect([200, 503], of: ask("GET /\(path) HTTP/1.1\r\nHost: x\r\n\r\n"))
        }
        try expect([400, 503], of: ask("GET /kvs/%zz HTTP/1.1\r\nHost: x\r\n\r\n"))
        try expect([405, 503], of: ask(request("POST", "Content-Length: 0\r\n")))
        try expect([400, 503], of: ask("GET /kvs/a b HTTP/1.1\r\n\r\n"))
        try delete()
        try get()
    }

    /// With memory enough: the key holds what its client was told, and each request is answered.
    func verify() throws {
        wire = nil
        let response = try ask(request("GET"))
        if response?.status != 200 && response?.status != 404
            || response?.text.contains("not available") == true
        {
            wrong.append("with memory enough, a GET is answered \(response?.status ?? 0)")
        }
        note(state.read(response))
        try delete()
    }

    // MARK: - Requests

    private func put(_ body: String, _ type: String? = nil, as value: [UInt8]) throws {
        try put(Array(body.utf8), type, as: value)
    }

    private func put(_ body: [UInt8], _ type: String? = nil, as value: [UInt8]) throws {
        let field = type.map { "Content-Type: \($0)\r\n" } ?? ""
        let head = request("PUT", field + "Content-Length: \(body.count)\r\n")
        note(state.write(value, try ask(Array(head.utf8) + body)))
    }

    private func putInChunks() throws {
        let fields = "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
        let chunks = "3\r\nfoo\r\n" + "3\r\nbar\r\n" + "0\r\n\r\n"
        note(state.write(Array("foobar".utf8), try ask(request("PUT", fields) + chunks)))
    }

    private func get(
        _ fields: String = "",
        isRaw: Bool = false,
        version: String = "1.1"
    ) throws {
        let response = try ask(request("GET", fields, version: version))
        let isTyped = response?[header: "Content-Type"] == "application/octet-stream"
        note(state.read(response, isRaw: isRaw && isTyped))
    }

    private func delete() throws { note(state.write(nil, try ask(request("DELETE")))) }

    /// Four requests at once.
    private func pipeline() throws {
        let body = "val=two"
        let put = request("PUT", "Content-Length: \(body.count)\r\n") + body
        let texts = [put, request("GET"), request("DELETE"), request("GET")]
        var answers: [WireResponse?] = []
        answers.append(try ask(texts.joined()))
        while answers.count < texts.count {
            answers.append(wire == nil ? nil : try ask(""))
        }
        note(state.write(Array("two".utf8), answers[0]))
        note(state.read(answers[1]))
        note(state.write(nil, answers[2]))
        note(state.read(answers[3]))
    }

    private func request(
        _ method: String,
        _ fields: String = "",
        version: String = "1.1"
    ) -> String {
        "\(method) /kvs/\(key) HTTP/\(version)\r\nHost: kvs.test\r\n\(fields)\r\n"
    }

    // MARK: - Asking

    private func expect(_ expected: Set<Int>, of response: WireResponse?) {
        guard let status = response?.status, !expected.contains(status) else { return }
        wrong.append("\(status) instead of \(expected.sorted())")
    }

    private func note(_ fault: String?) { if let fault { wrong.append(fault) } }

    private func ask(_ text: String, isHead: Bool = false) throws -> WireResponse? {
        try ask(Array(text.utf8), isHead: isHead)
    }

    /// - Returns: nil where the connection ended without an answer.
    private func ask(_ bytes: [UInt8], isHead: Bool = false) throws -> WireResponse? {
        if wire?.isClosedByPeer == true { wire = nil }
        let wire = try wire ?? WireClient(endpoint)
        self.wire = wire
        do {
            try? wire.send(bytes)
            let response = try wire.readResponse(toHead: isHead)
            statuses[response.status, default: 0] += 1
            if response.isLast { self.wire = nil }
            return response
        } catch WireError.closed(let partial), WireError.reset(let partial) {
            if !partial.isEmpty { wrong.append("an answer that is not whole") }
            statuses[0, default: 0] += 1
            self.wire = nil
            return nil
        }
    }
}
