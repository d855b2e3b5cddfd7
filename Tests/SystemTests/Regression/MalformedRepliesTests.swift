import Testing

/// A listener in the main's place crashed a forwarder by a negative length, froze it by bytes without
/// end behind an interim reply, and had its malformed fields relayed.
@Suite("What a main sends passes the grammar", .timeLimit(.minutes(10)))
struct MalformedRepliesTests {
    private static let body = #"{"msg":"success"}"#

    /// A reply of which one part is not as it should be.
    private static func reply(
        line: String = "HTTP/1.1 200 OK\r\n",
        fields: String = "",
        length: String = "Content-Length: 17\r\n"
    ) -> String {
        line + "Content-Type: application/json\r\n" + fields + length + "\r\n" + body
    }

    private static let malformed: [(name: String, reply: String)] = [
        ("length with a plus", reply(length: "Content-Length: +17\r\n")),
        ("length in hexadecimal", reply(length: "Content-Length: 0x11\r\n")),
        ("length with a fraction", reply(length: "Content-Length: 17.0\r\n")),
        ("empty length", reply(length: "Content-Length: \r\n")),
        ("two lengths in one", reply(length: "Content-Length: 17, 18\r\n")),
        ("two lengths", reply(length: "Content-Length: 17\r\nContent-Length: 18\r\n")),
        ("length of 20 digits", reply(length: "Content-Length: 99999999999999999999\r\n")),
        ("slash in a name", reply(fields: "X/Y: a\r\n")),
        ("space behind a name", reply(fields: "X-Y : a\r\n")),
        ("tab behind a name", reply(fields: "X-Y\t: a\r\n")),
        ("space in a name", reply(fields: "X Y: a\r\n")),
        ("space before a name", reply(fields: " X-Y: a\r\n")),
        ("no name", reply(fields: ": a\r\n")),
        ("no colon", reply(fields: "X-Y\r\n")),
        ("control byte in a name", reply(fields: "X\u{1}Y: a\r\n")),
        ("byte beyond ASCII in a name", reply(fields: "X\u{e9}: a\r\n")),
        ("control byte in a value", reply(fields: "X-Y: a\u{1}b\r\n")),
        ("DEL in a value", reply(fields: "X-Y: a\u{7f}b\r\n")),
        ("NUL in a value", reply(fields: "X-Y: a\0b\r\n")),
        ("NUL in a name", reply(fields: "X\0Y: a\r\n")),
        ("CR in a value", reply(fields: "X-Y: a\rb\r\n")),
        ("CR before CRLF", reply(fields: "X-Y: a\r\r\n")),
        ("folded value", reply(fields: "X-Y: a\r\n b\r\n")),
        ("value folded by a tab", reply(fields: "X-Y: a\r\n\tb\r\n")),
        ("LF as the end of a field", reply(fields: "X-Y: a\n")),
        ("LF as the end of the status line", reply(line: "HTTP/1.1 200 OK\n")),
        ("CR in the reason", reply(line: "HTTP/1.1 200 O\rK\r\n")),
        ("NUL in the reason", reply(line: "HTTP/1.1 200 O\0K\r\n")),
        ("control byte in the reason", reply(line: "HTTP/1.1 200 O\u{1}K\r\n")),
        ("status of five digits", reply(line: "HTTP/1.1 99999 OK\r\n")),
        ("status of four digits", reply(line: "HTTP/1.1 2000 OK\r\n")),
        ("status of two digits", reply(line: "HTTP/1.1 20 OK\r\n")),
        ("status below 100", reply(line: "HTTP/1.1 099 OK\r\n")),
        ("negative status", reply(line: "HTTP/1.1 -200 OK\r\n")),
        ("status with a letter", reply(line: "HTTP/1.1 20O OK\r\n")),
        ("no space before the status", reply(line: "HTTP/1.1200 OK\r\n")),
        ("two spaces before the status", reply(line: "HTTP/1.1  200 OK\r\n")),
        ("another protocol", reply(line: "ICY/1.1 200 OK\r\n")),
        ("version without a minor number", reply(line: "HTTP/1 200 OK\r\n")),
        ("version 2", reply(line: "HTTP/2.0 200 OK\r\n")),
        ("interim reply that is malformed", "HTTP/1.1 103 Early\r\nX/Y: a\r\n\r\n" + reply()),
        ("length and chunks", reply(fields: "Transfer-Encoding: chunked\r\n")),
    ]

    /// A main that answers a request for `keyN` with the table's row N, without the body to a HEAD.
    private func makeMain(_ replies: [String]) throws -> ScriptedMain {
        try ScriptedMain { request, connection in
            let reply = replies[Int(request.target.drop { !$0.isNumber }) ?? 0]
            let isHead = request.method == "HEAD"
            return connection.write(isHead ? reply.replacing(Self.body, with: "") : reply)
        }
    }

    @Test("A negative length does no harm", arguments: ["HEAD", "GET", "PUT", "DELETE"])
    func negativeLength(method: String) throws {
        try expectUnavailable(
            [("negative", Self.reply(length: "Content-Length: -1\r\n"))],
            methods: [method]
        )
    }

    @Test("A malformed reply is 'service is not available', whatever was asked")
    func malformed() throws {
        try expectUnavailable(Self.malformed, methods: ["HEAD", "GET", "PUT", "DELETE"])
    }

    private func expectUnavailable(
        _ rows: [(name: String, reply: String)],
        methods: [String]
    ) throws {
        let main = try makeMain(rows.map(\.reply))
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_THREADS": "1", "KVS_FORWARD_TIMEOUT": "5s"]
        )
        let client = HTTPClient(forwarder.endpoint)
        var relayed: [String] = []
        for (number, (name, _)) in rows.enumerated() {
            for method in methods {
                let body = method == "PUT" ? Array("val=bart".utf8) : nil
                // What was relayed may be no HTTP at all.
                let reply = try? client.send(method, "/kvs/key\(number)", body: body)
                let text = method == "HEAD" ? "" : ExpectedReply.unavailable.body
                let outcome = ["PUT", "DELETE"].contains(method) ? "unknown" : nil
                if reply?.status != 404 || reply?.text != text
                    || reply?[header: "KVS-Outcome"] != outcome
                {
                    relayed.append("\(name): \(method)")
                }
            }
        }
        #expect(relayed == [])
        #expect(forwarder.exitStatus == nil)
        #expect(forwarder.standardError == "")
    }

    @Test(
        "Bytes without end: little memory, and others are served",
        arguments: [
            ("HTTP/1.1 100 Continue\r\n\r\n", "x"),
            ("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"),
            ("HTTP/1.1 103 Early Hints\r\n", "X-Y: a\r\n"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1", ";"),
        ]
    )
    func endless(start: String, piece: String) throws {
        let many = Array(String(repeating: piece, count: 1_000_000 / piece.utf8.count).utf8)
        let main = try ScriptedMain { _, connection in
            connection.write(start)
            while connection.write(many) {}
            return false
        }
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_THREADS": "1", "KVS_FORWARD_TIMEOUT": "2s"]
        )
        let other = HTTPClient(forwarder.endpoint)
        #expect(try other.send("GET", "/livez").status == 200)
        let before = try forwarder.residentBytes()
        let wire = try WireClient(forwarder.endpoint)
        try wire.send(RawRequest.put("key", "bart"))
        try waitUntil("the main has it") { !main.requests.isEmpty }
        for _ in 0..<20 { #expect(try other.send("GET", "/livez").status == 200) }
        let reply = try wire.readResponse()
        reply.expect(.unavailable)
        #expect(reply[header: "KVS-Outcome"] == "unknown")
        #expect(try other.send("GET", "/livez").status == 200)
        #expect(forwarder.exitStatus == nil)
        if !ServerProcess.isSanitized {
            #expect(try forwarder.peakResidentBytes() - before < 32 << 20)
        }
    }
}
