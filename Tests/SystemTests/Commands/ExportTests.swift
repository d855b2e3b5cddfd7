import Testing

/// What `kvs export` does where a service changes or goes meanwhile.
@Suite("kvs export of what changes", .timeLimit(.minutes(5)))
struct ExportTests {
    private static let notThere = #"{"msg":"error","error":"key does not exist"}"#

    /// A main with three keys, two of which are gone when they are asked for; it says of its first cursor, once
    /// all is read, what `last` is.
    private static func main(last: String, status: String) throws -> ScriptedMain {
        try ScriptedMain { request, connection in
            switch request.target {
            case "/kvs?limit=1":
                connection.write(
                    ScriptedMain.reply(body: #"{"msg":"success","keys":["a"],"cursor":"c1"}"#)
                )
            case "/kvs?limit=10000&cursor=c1":
                connection.write(ScriptedMain.reply(body: #"{"msg":"success","keys":["b","d"]}"#))
            case "/kvs?limit=1&cursor=c1": connection.write(ScriptedMain.reply(status, body: last))
            case "/kvs/a": connection.write(ScriptedMain.value("bart"))
            default: connection.write(ScriptedMain.reply("404 Not Found", body: notThere))
            }
            return true
        }
    }

    @Test("Keys that are deleted meanwhile are passed over")
    func vanished() throws {
        let last = #"{"msg":"success","keys":["b"],"cursor":"c2"}"#
        let main = try Self.main(last: last, status: "200 OK")
        let run = try CommandRun(["export"], service: main.endpoint)
        #expect(run.status == .exited(0) && run.error == "")
        #expect(run.output == "{\"key\":\"a\",\"value\":\"bart\"}\n")
    }

    @Test("A main that was started anew meanwhile is not one whose keys were deleted: 69")
    func restarted() throws {
        let last = #"{"msg":"error","error":"unknown cursor: no"}"#
        let main = try Self.main(last: last, status: "400 Bad Request")
        let run = try CommandRun(["export"], service: main.endpoint)
        #expect(run.status == .exited(69))
        let words = "400: the main was started anew meanwhile: run it again"
        #expect(run.error == "kvs: error: http://\(main.endpoint): \(words)\n")
    }

    @Test("A real main says of a cursor that it is of another life")
    func realRestart() async throws {
        let main = try ServerProcess.main()
        let lines = (0..<10).map { "{\"key\":\"k\($0)\",\"value\":\"\"}\n" }.joined()
        let filled = try CommandRun(["import"], service: main.endpoint, input: Array(lines.utf8))
        #expect(filled.error == "kvs: 10 written, 0 unchanged\n")
        let page = try HTTPClient(main.endpoint).send("GET", "/kvs?limit=1")
        let text = String(decoding: page.body, as: UTF8.self)
        let cursor = try #require(text.firstMatch(of: /"cursor":"([^"]+)"/)?.1)
        let list = "/kvs?limit=1&cursor=\(cursor)"
        #expect(try HTTPClient(main.endpoint).send("GET", list).status == 200)
        main.kill()
        try main.restart()
        #expect(try HTTPClient(main.endpoint).send("GET", list).status == 400)
    }

    @Test("An error in the middle: 69, one line that says what, and whole lines only")
    func brokenOff() throws {
        let server = try ScriptedMain { request, connection in
            switch request.target {
            case "/kvs?limit=1":
                let keys = #"{"msg":"success","keys":["a"],"cursor":"c1"}"#
                connection.write(ScriptedMain.reply(body: keys))
            case "/kvs/a": connection.write(ScriptedMain.value("bart"))
            default:
                let error = #"{"msg":"error","error":"service is not available"}"#
                connection.write(ScriptedMain.reply("404 Not Found", body: error))
            }
            return true
        }
        let run = try CommandRun(["export"], service: server.endpoint)
        #expect(run.status == .exited(69))
        #expect(run.output == "{\"key\":\"a\",\"value\":\"bart\"}\n")
        #expect(run.error == "kvs: error: http://\(server.endpoint): service is not available\n")
    }

    @Test("On a terminal nothing steers it, and no progress line stands between")
    func terminal() throws {
        let main = try ServerProcess.main()
        try HTTPClient(main.endpoint).put("key", "\u{1b}[2J\u{9B}\u{202E}é").expect(.created)
        let run = try CommandRun.onTerminal(["export"], service: main.endpoint)
        let value = #"\u001B[2J\u009b\u202eé"#
        #expect(run.output == "{\"key\":\"key\",\"value\":\"\(value)\"}\r\n")
    }
}
