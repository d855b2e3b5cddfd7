import Testing

/// A legal interim reply of the main made a request fail, and whatever an HTTP server between
/// forwarder and main said of its own was relayed as if the main had said it.
@Suite("Replies in front of the main's, and in its place", .timeLimit(.minutes(10)))
struct InterimRepliesTests {
    @Test("Interim replies are skipped, and the final one is relayed")
    func interim() throws {
        let early = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nX-Y: early\r\n\r\n"
        let interim = [
            early, "HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 100 \r\n\r\n", "HTTP/1.1 199 Odd\r\nContent-Type: text/html\r\n\r\n",
            early + "HTTP/1.1 102 Processing\r\n\r\n" + early,
        ]
        let main = try ScriptedMain { request, connection in
            let number = Int(request.target.drop { !$0.isNumber }) ?? 0
            let isWhole = number % 2 == 0
            let final =
                request.method == "PUT"
                ? ScriptedMain.reply("201 Created", body: ExpectedReply.created.body)
                : ScriptedMain.reply(body: ExpectedReply.value("bart").body)
            // In one segment, and in two.
            if isWhole { return connection.write(interim[number / 2] + final) }
            connection.write(interim[number / 2])
            return connection.write(final)
        }
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let client = HTTPClient(forwarder.endpoint)
        for number in 0..<(2 * interim.count) {
            let read = try client.get("key\(number)")
            read.expect(.value("bart"))
            #expect(read[header: "Link"] == nil && read[header: "X-Y"] == nil)
            try client.put("key\(number)", "bart").expect(.created)
        }
        // None was asked for twice.
        #expect(main.requests.count == 4 * interim.count)
    }

    @Test(
        "What no kvs says is 'service is not available'",
        arguments: [
            ("502 Bad Gateway", "text/html"), ("200 OK", "text/html"),
            ("200 OK", "text/html; charset=utf-8"), ("404 Not Found", "text/html"),
            ("503 Service Unavailable", "text/plain"), ("200 OK", "application/jsonish"),
        ]
    )
    func foreign(status: String, type: String) throws {
        let page = "<html><body><h1>\(status)</h1></body></html>"
        let main = try ScriptedMain { request, connection in
            connection.write(
                "HTTP/1.1 \(status)\r\nServer: nginx\r\nContent-Type: \(type)\r\n"
                    + "Content-Length: \(page.utf8.count)\r\n\r\n"
                    + (request.method == "HEAD" ? "" : page)
            )
        }
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let client = HTTPClient(forwarder.endpoint)
        try client.get("key").expect(.unavailable)
        #expect(try client.head("key").status == 404)
        let written = try client.put("key", "bart")
        written.expect(.unavailable)
        #expect(written[header: "KVS-Outcome"] == "unknown")
        #expect(written[header: "Server"] == nil)
    }
}
