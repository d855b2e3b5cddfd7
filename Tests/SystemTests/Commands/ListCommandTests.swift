import Foundation
import Testing

/// `kvs list`, by the built program.
@Suite("kvs list", .timeLimit(.minutes(5)))
struct ListCommandTests {
    @Test("All pages are listed, each key once, at a main and through a forwarder")
    func pages() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let none = try CommandRun(["list"], service: main.endpoint)
        #expect(none.status == .exited(0) && none.output == "" && none.error == "")
        #expect(
            try CommandRun(["list", "--json"], service: main.endpoint).output == "{\"keys\":[]}\n"
        )
        // More than the two pages that are the most that is asked for at a time.
        let keys = (0..<12_000).map { "key_\($0)" } + ["other"]
        let lines = keys.map { "{\"key\":\"\($0)\",\"value\":\"\"}\n" }.joined()
        let filled = try CommandRun(["import"], service: main.endpoint, input: Array(lines.utf8))
        #expect(filled.status == .exited(0), "\(filled.error)")
        for service in [main.endpoint, forwarder.endpoint] {
            let all = try CommandRun(["list"], service: service)
            #expect(all.status == .exited(0) && all.error == "" && all.output.hasSuffix("\n"))
            let listed = all.output.split(separator: "\n").map(String.init)
            #expect((listed.sorted() == keys.sorted()) == true)
            let some = try CommandRun(["list", "key_119"], service: service)
            #expect(some.output.split(separator: "\n").count == 111)
            let json = try CommandRun(["list", "--json"], service: service)
            #expect((try json.json()["keys"] as? [String])?.sorted() == keys.sorted())
            #expect(json.output.filter { $0 == "\n" }.count == 1)
            let other = try CommandRun(["list", "other", "--json"], service: service)
            #expect(other.output == "{\"keys\":[\"other\"]}\n")
        }
    }

    @Test(
        "A prefix that no key has: 64",
        arguments: ["a-b", "é", " ", String(repeating: "k", count: 251)]
    )
    func badPrefix(prefix: String) throws {
        for command in ["list", "export"] {
            let run = try CommandRun([command, prefix])
            #expect(run.status == .exited(64) && run.output == "")
            #expect(run.error.contains("no key begins with '\(prefix)'"))
        }
    }

    @Test("Where a page does not come: 69, and no line of JSON that looks whole")
    func brokenOff() throws {
        let server = try ScriptedMain { request, connection in
            let isFirst = !request.target.contains("cursor")
            let body =
                isFirst
                ? #"{"msg":"success","keys":["a"],"cursor":"c"}"# : #"{"msg":"error","error":"no"}"#
            connection.write(ScriptedMain.reply(isFirst ? "200 OK" : "500 X", body: body))
            return true
        }
        let plain = try CommandRun(["list"], service: server.endpoint)
        #expect(plain.status == .exited(69) && plain.output == "a\n")
        #expect(plain.error == "kvs: error: http://\(server.endpoint): 500: no\n")
        let json = try CommandRun(["list", "--json"], service: server.endpoint)
        #expect(json.status == .exited(69))
        let words = "http://\(server.endpoint): 500: no"
        #expect(json.output == "{\"keys\":[\"a\"\n{\"error\":\"\(words)\"}\n")
    }

    @Test(
        "Nobody reads stdout: ended by SIGPIPE; it takes nothing: 74",
        arguments: [
            ("list >&3", 141), ("export >&3", 141), ("list >&-", 74), ("export >/dev/full", 74),
        ]
            as [(String, Int32)]
    )
    func streams(command: String, status: Int32) throws {
        let main = try ServerProcess.main()
        try HTTPClient(main.endpoint).put("key", "bart").expect(.created)
        let script = "exec 3> >(exec true); wait $!; \"$0\" \(command)"
        let run = try CommandRun(
            command: ["bash", "-c", script, try ServerProcess.Program.kvs.path()],
            service: main.endpoint,
            input: nil
        )
        #expect(run.status == .exited(status))
        #expect(run.error.hasPrefix("kvs: error: cannot write to stdout") == (status == 74))
    }
}
