import Testing

/// Only the first `Connection` field named fields of one hop; all of them do (RFC 9110 §7.6.1).
@Suite("Every Connection field", .timeLimit(.minutes(10)))
struct EveryConnectionFieldTests {
    private static let reply =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    @Test("A request's fields that any of its Connection fields names are not passed on")
    func request() throws {
        let main = try RecordingMain(reply: Self.reply)
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let request = """
            GET /kvs/key HTTP/1.1\r\nHost: x\r\nConnection: X-One\r\nX-One: 1\r\nX-Two: 2\r
            X-Three: 3\r\nX-Kept: 4\r\nCONNECTION: , x-tWo ,,\tX-THREE\r\nX-Two: 5\r\n\r\n
            """
        #expect(try WireClient(forwarder.endpoint).exchange(request).status == 200)
        // Behind them stands the question how long the main keeps the connection.
        #expect(main.receivedFields.first?.dropFirst(4).dropLast(2) == ["x-kept: 4"])
    }

    @Test("A reply's fields that any of its Connection fields names are not passed on")
    func reply() throws {
        let main = try RecordingMain(
            reply: """
                HTTP/1.1 200 OK\r\nConnection: X-One\r\nX-One: 1\r\nX-Two: 2\r\nX-Kept: 3\r
                Connection: keep-alive, X-Two\r\nContent-Length: 2\r
                Content-Type: application/json\r\n\r\n{}
                """
        )
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let reply = try HTTPClient(forwarder.endpoint).get("key")
        #expect(reply.status == 200 && reply[header: "X-Kept"] == "3")
        #expect(reply[header: "X-One"] == nil && reply[header: "X-Two"] == nil)
    }

    @Test("Fields are told apart from thousands that Connection names")
    func manyNames() throws {
        let names = (0..<2000).map { "x-\($0)" }
        let main = try RecordingMain(
            reply: """
                HTTP/1.1 200 OK\r\nConnection: \(names[..<1000].joined(separator: ","))\r
                Connection: \(names[1000...].joined(separator: ", "))\r\nX-0: a\r\nX-999: b\r
                X-1000: c\r\nX-1999: d\r\nX-2000: e\r\nX-: f\r\nContent-Length: 2\r
                Content-Type: application/json\r\n\r\n{}
                """
        )
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let reply = try HTTPClient(forwarder.endpoint).get("key")
        #expect(reply.status == 200)
        #expect(
            reply.headers.map(\.name).filter { $0.hasPrefix("X-") }
                == ["X-2000", "X-", "X-Request-Id"]
        )
    }

    @Test(
        "65 options are refused, on one line or on many; 64 are not",
        arguments: Deployment.all.filter { $0 != .viaForwarder(2) }
    )
    func tooManyOptions(deployment: Deployment) throws {
        let server = try ServerUnderTest(deployment)
        for count in [64, 65] {
            let options = (0..<count).map { "x\($0)" }
            for lines in [
                "Connection: " + options.joined(separator: ", "),
                options.map { "Connection: \($0)" }.joined(separator: "\r\n"),
            ] {
                let request = "GET /kvs/key HTTP/1.1\r\nHost: x\r\n\(lines)\r\n\r\n"
                let reply = try server.wire().exchange(request)
                if count == 64 {
                    reply.expect(.missing)
                } else {
                    reply.expectError(400, mentioning: "Connection")
                    #expect(reply.isLast)
                }
            }
        }
    }
}
