import Testing

/// What the commands do with a service that is no kvs, or none that knows all.
@Suite("Commands at strangers", .timeLimit(.minutes(5)))
struct StrangeServiceTests {
    private static let tagOfX = "5c7401c0ec22eeeeeaf06c6480b2cd11"
    private static let line = Array("{\"key\":\"a\",\"value\":\"x\"}\n".utf8)

    @Test(
        "A list of what is no key: 69, and nothing of it is written or asked for",
        arguments: [#"\u001b]0;pwned\u0007"#, #"a\",\"b"#, #"a\nb"#, "../metrics", ""]
    )
    func noKeys(key: String) throws {
        let server = try ScriptedMain { _, connection in
            connection.write(
                ScriptedMain.reply(body: "{\"msg\":\"success\",\"keys\":[\"\(key)\"]}")
            )
            return true
        }
        let words = "http://\(server.endpoint): 200: what answers has no lists of keys"
        for command in [["list"], ["list", "--json"], ["export"]] {
            let run = try CommandRun(command, service: server.endpoint)
            #expect(run.status == .exited(69) && run.error == "kvs: error: \(words)\n")
            let isJSON = command.count == 2
            #expect(run.output == (isJSON ? "{\"error\":\"\(words)\"}\n" : ""))
        }
        #expect(server.requests.count == 3)
    }

    @Test(
        "A list whose cursors come again: 69, after a few pages",
        arguments: [(1, 1), (1, 2), (3, 7), (1, 100), (20, 50)]
    )
    func cycle(leadIn: Int, length: Int) throws {
        let server = try ScriptedMain { request, connection in
            let cursor = request.target.firstMatch(of: /cursor=(\d+)/).flatMap { Int($0.1) } ?? 0
            let next = cursor + 1 < leadIn + length ? cursor + 1 : leadIn
            let body = "{\"msg\":\"success\",\"keys\":[],\"cursor\":\"\(next)\"}"
            connection.write(ScriptedMain.reply(body: body))
            return true
        }
        for command in ["list", "export"] {
            let before = server.requests.count
            let run = try CommandRun([command], service: server.endpoint)
            #expect(run.status == .exited(69) && run.output == "")
            let words = "http://\(server.endpoint): 200: the list of keys does not get on"
            #expect(run.error == "kvs: error: \(words)\n")
            #expect(server.requests.count - before <= 4 * (leadIn + length))
        }
    }

    @Test(
        "An import takes a line for stored only where a 412 has the line's own tag",
        arguments: [nil, "d89f1c4509f3b233272b57e6d7c0a9e5"]
    )
    func foreignTag(tag: String?) throws {
        let fields = tag.map { ["ETag: \"\($0)\""] } ?? []
        let server = try ScriptedMain { _, connection in
            let body = #"{"msg":"error","error":"precondition failed"}"#
            connection.write(ScriptedMain.reply("412 X", fields: fields, body: body))
            return true
        }
        let run = try CommandRun(["import"], service: server.endpoint, input: Self.line)
        let words = "line 1: http://\(server.endpoint): 412: precondition failed"
        #expect(run.status == .exited(69))
        #expect(run.error == "kvs: error: \(words); 0 written, 0 unchanged\n")
    }

    @Test(
        "A service that knows no conditions and no times to live: 69, and it is said what it has done",
        arguments: [
            ["put", "a", "x", "--ttl", "5"], ["put", "a", "x", "--if-match", "*"], ["import"],
        ]
    )
    func oldService(command: [String]) throws {
        let server = try ScriptedMain { _, connection in
            connection.write(ScriptedMain.reply("201 Created"))
            return true
        }
        let run = try CommandRun(command, service: server.endpoint, input: Self.line)
        #expect(run.status == .exited(69) && run.output == "")
        let words =
            "201: what answers knows no conditions and no times to live; it may have been done all the same"
        #expect(run.error.contains("http://\(server.endpoint): \(words)"))
        #expect(server.requests.count == 1, "it is not sent again")
    }

    @Test("A cause is said of the call that has failed of it, and of no later one")
    func staleCause() throws {
        let isFirst = Locked(true)
        let server = try ScriptedMain { _, connection in
            let breaks = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            let body = #"{"msg":"error","error":"out of memory"}"#
            if !breaks { connection.write(ScriptedMain.reply("507 X", body: body)) }
            return !breaks
        }
        let run = try CommandRun(["import"], service: server.endpoint, input: Self.line)
        let words = "line 1: http://\(server.endpoint): 507: out of memory"
        #expect(run.error == "kvs: error: \(words); 0 written, 0 unchanged\n")
    }

    @Test("What a bad line is called is cut, however few characters its bytes are")
    func longNames() throws {
        let accents = String(repeating: "\u{301}", count: 100_000)
        for (line, words) in [
            ("{\"key\":\"a\(accents)\",\"value\":\"\"}", "…' is no key: "),
            ("{\"a\(accents)\":\"\"}", "…'; 0 written"),
        ] {
            let run = try CommandRun(["import"], input: Array(line.utf8))
            #expect(run.status == .exited(65) && run.error.utf8.count < 500)
            #expect(run.error.contains(words))
        }
    }
}
