import Testing

/// What a forwarder passes on, what it keeps to itself, and what it adds.
@Suite("Relay", .timeLimit(.minutes(10)))
struct RelayTests {
    private static let reply =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    /// Sends one request, as it stands, through a forwarder of its own.
    private static func exchange(
        _ request: String,
        with main: RecordingMain
    ) throws -> WireResponse {
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        return try WireClient(forwarder.endpoint).exchange(request)
    }

    /// With a connection's first request a forwarder asks how long the main keeps it.
    private static let question = ["connection: keep-alive", "keep-alive: timeout=30"]

    /// The fields of the request that the main got, with the forwarder's own number replaced, and without
    /// that question, which comes last.
    private static func fields(sentFor request: String) throws -> [String] {
        let main = try RecordingMain(reply: reply)
        #expect(try exchange(request, with: main).status == 200)
        let received = main.receivedFields
        #expect(received.count == 1)
        return received.first.map { fields in
            #expect(fields.suffix(2) == question)
            return fields.dropLast(2).map {
                $0.replacing("\(main.endpoint)", with: "<main>")
                    .replacing(/^x-request-id: [0-9a-f]{16}$/, with: "x-request-id: <made>")
                    .replacing(/kvs \([0-9a-f]+\)/, with: "kvs (<id>)")
            }
        } ?? []
    }

    @Test("A request has Host, Via, X-Forwarded-For and X-Request-Id, and nothing else of its own")
    func added() throws {
        let fields = try Self.fields(sentFor: "GET /kvs/key HTTP/1.1\r\nHost: elsewhere\r\n\r\n")
        #expect(
            fields == [
                "host: <main>", "via: 1.1 kvs (<id>)", "x-forwarded-for: 127.0.0.1",
                "x-request-id: <made>",
            ]
        )
    }

    @Test("End-to-end fields pass unchanged and in order; those of one hop do not")
    func passedOn() throws {
        let fields = try Self.fields(
            sentFor: """
                GET /kvs/key HTTP/1.1\r\nHost: elsewhere\r\nUser-Agent: curl/8\r\nX-Multi: 1\r
                Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r
                Accept: */*\r\nX-Multi: 2\r\nX-Empty:\r\nUpgrade: h2c\r\nTrailer: x\r
                Proxy-Authorization: basic x\r\n\r\n
                """
        )
        #expect(
            fields.dropFirst(4)
                == ["user-agent: curl/8", "x-multi: 1", "accept: */*", "x-multi: 2", "x-empty:"]
        )
    }

    @Test("A forwarder adds itself to the lists that came with the request")
    func lists() throws {
        let fields = try Self.fields(
            sentFor: """
                GET /kvs/key HTTP/1.1\r\nVia: 1.0 first\r\nHost: elsewhere\r
                X-Forwarded-For: 10.9.9.9\r\nVIA: 1.1 second, 1.1 third\r\n\r\n
                """
        )
        #expect(
            fields == [
                "host: <main>", "via: 1.0 first, 1.1 second, 1.1 third, 1.1 kvs (<id>)",
                "x-forwarded-for: 10.9.9.9, 127.0.0.1", "x-request-id: <made>",
            ]
        )
    }

    @Test("A body goes on with its length, whether it came in chunks or whole")
    func bodies() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let wire = try WireClient(forwarder.endpoint)
        let chunked = "PUT /kvs/key HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        try wire.exchange(chunked + "4\r\nval=\r\n4\r\nbart\r\n0\r\n\r\n").expect(.created)
        try HTTPClient(main.endpoint).get("key").expect(.value("bart"))
        let empty = "PUT /kvs/key HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
        try wire.exchange(empty).expectError(400)
    }

    @Test("Of a reply, status, reason, end-to-end fields and body pass unchanged")
    func reply() throws {
        let main = try RecordingMain(
            reply: """
                HTTP/1.1 299 Quite Fine\r\nX-Request-ID: other\r\nX-Multi: 1\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r
                Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nContent-Length: 5\r\nX-Multi: 2\r
                Content-Type: application/octet-stream\r\n\r\nhello
                """
        )
        let reply = try Self.exchange(
            "GET /kvs/key HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\n\r\n",
            with: main
        )
        #expect(reply.status == 299 && reply.reason == "Quite Fine" && reply.text == "hello")
        #expect(
            Set(reply.headers.map { "\($0.name): \($0.value)" }) == [
                "Date: Sun, 06 Nov 1994 08:49:37 GMT", "X-Multi: 1", "X-Multi: 2",
                "Content-Type: application/octet-stream", "X-Request-Id: mine",
                "Content-Length: 5",
            ]
        )
        #expect(reply.headers.count == 6 && reply[header: "X-Multi"] == "1, 2")
    }

    @Test("A reply without Date gets one")
    func replyWithoutDate() throws {
        let main = try RecordingMain(reply: Self.reply)
        let reply = try Self.exchange("GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n", with: main)
        #expect(
            reply.headers.map(\.name) == ["Date", "Content-Type", "X-Request-Id", "Content-Length"]
        )
        let date = try #require(reply[header: "Date"])
        #expect(date.wholeMatch(of: /\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/) != nil)
    }

    @Test("More and longer fields than usual pass on as well")
    func manyFields() throws {
        let names = (0..<100).map { "x-field-\($0): \(String(repeating: "v", count: 100))" }
        let request = "GET /kvs/key HTTP/1.1\r\nHost: x\r\n" + names.joined(separator: "\r\n")
        #expect(Array(try Self.fields(sentFor: request + "\r\n\r\n").dropFirst(4)) == names)
    }

    @Test("A request that has come round in a circle is answered 508")
    func circle() throws {
        let main = try RecordingMain(reply: Self.reply)
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let wire = try WireClient(forwarder.endpoint)
        #expect(try wire.exchange("GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n").status == 200)
        let via = try #require(main.receivedFields.first?.first { $0.hasPrefix("via: ") })
        for path in ["/kvs/key", "/readyz"] {
            let again = "GET \(path) HTTP/1.1\r\nHost: x\r\n\(via), 1.1 other\r\n\r\n"
            let reply = try wire.exchange(again)
            #expect(reply.status == 508)
            #expect(reply.text == #"{"msg":"error","error":"forwarding loop"}"#)
        }
        #expect(main.receivedFields.count == 1)
    }

    @Test("A way of more than 32 hops is a circle; one of 32 is not")
    func manyHops() throws {
        let main = try RecordingMain(reply: Self.reply)
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let wire = try WireClient(forwarder.endpoint)
        for (hops, status) in [(32, 200), (33, 508)] {
            let via = [String](repeating: "1.1 x", count: hops).joined(separator: ",")
            let request = "GET /kvs/key HTTP/1.1\r\nHost: x\r\nVia: \(via)\r\n\r\n"
            #expect(try wire.exchange(request).status == status)
        }
    }

    @Test("While the main is away /livez stays 200, and /readyz says 503 and why")
    func health() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let client = HTTPClient(forwarder.endpoint)
        #expect(try client.send("GET", "/readyz").status == 200)
        main.kill()
        try client.send("GET", "/readyz").expectError(503, mentioning: "\(main.endpoint)")
        #expect(try client.send("GET", "/livez").status == 200)
    }
}
