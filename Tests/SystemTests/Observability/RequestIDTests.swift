import Testing

/// `X-Request-Id`, by which the logs of several servers are put together.
@Suite("Each reply names its request", .sharedServers, .timeLimit(.minutes(10)))
struct RequestIDTests {
    private static func id(of reply: WireResponse) throws -> String {
        let fields = reply.headers.filter { $0.name.lowercased() == "x-request-id" }
        #expect(fields.count == 1)
        return try #require(fields.first).value
    }

    @Test("A client's id comes back", arguments: Deployment.all)
    func given(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for id in ["a", "A-z_0.9", String(repeating: "i", count: 128)] {
            for path in ["/kvs/\(uniqueKey())", "/livez", "/readyz", "/metrics", "/none"] {
                let reply = try client.send("GET", path, headers: ["x-request-ID: \(id)"])
                #expect(try Self.id(of: reply) == id)
            }
        }
    }

    @Test("What is no id is replaced: it may stand in logs", arguments: Deployment.all)
    func replaced(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let fields: [[String]] = [
            [], ["X-Request-Id:"], ["X-Request-Id: a b"], ["X-Request-Id: a\"b"],
            ["X-Request-Id: \(String(repeating: "i", count: 129))"], ["X-Request-Id: a/b"],
            ["X-Request-Id: a", "X-Request-Id: b"], ["X-Request-Id: \u{E4}"],
        ]
        var ids: Set<String> = []
        for field in fields {
            let id = try Self.id(of: client.send("GET", "/kvs/key", headers: field))
            #expect(id.wholeMatch(of: /[0-9a-f]{16}/) != nil, "\(field)")
            #expect(ids.insert(id).inserted, "\(id) twice")
        }
    }

    @Test("Refused requests have one as well, and theirs where the head was accepted")
    func refused() throws {
        let endpoint = try ServerUnderTest.shared(.direct).endpoint
        let large =
            "PUT /kvs/a HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\nContent-Length: 9999999\r\n\r\n"
        let reply = try WireClient(endpoint).exchange(large)
        #expect(reply.status == 413)
        #expect(try Self.id(of: reply) == "mine")
        let malformed = try WireClient(endpoint).exchange("GET\r\nX-Request-Id: mine\r\n\r\n")
        #expect(malformed.status == 400)
        #expect(try Self.id(of: malformed).wholeMatch(of: /[0-9a-f]{16}/) != nil)
    }

    @Test("Of pipelined requests each has its own")
    func pipelined() throws {
        let wire = try ServerUnderTest.shared(.direct).wire()
        let requests = (0..<5).map { number in
            let field = number % 2 == 0 ? "" : "X-Request-Id: id\(number)\r\n"
            return "GET /kvs/a HTTP/1.1\r\nHost: a\r\n\(field)\r\n"
        }
        try wire.send(requests.joined())
        let ids = try (0..<5).map { _ in try Self.id(of: wire.readResponse()) }
        #expect(ids[1] == "id1" && ids[3] == "id3")
        #expect(Set(ids).count == 5)
    }

    @Test("The main gets the id that the forwarder's client gets, made or given")
    func forwarded() throws {
        let main = try ServerProcess.main(["KVS_ACCESS_LOG": "1"])
        let forwarder = try ServerProcess.forwarder(to: main.endpoint, ["KVS_ACCESS_LOG": "1"])
        let client = HTTPClient(forwarder.endpoint)
        let made = try Self.id(of: client.get("a"))
        let given = try Self.id(of: client.get("a", headers: ["X-Request-Id: mine"]))
        #expect(given == "mine")
        for server in [forwarder, main] {
            for id in [made, given] {
                let line = server.waitForOutput { $0.contains("id=\(id) ") ? true : nil }
                #expect(line == true, "\(id) in the log of \(server.endpoint)")
            }
        }
    }

    @Test("Where the main is away, the forwarder's answer has the client's")
    func unavailable() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        main.kill()
        let reply = try HTTPClient(forwarder.endpoint).get("a", headers: ["X-Request-Id: mine"])
        reply.expect(.unavailable)
        #expect(try Self.id(of: reply) == "mine")
    }
}
