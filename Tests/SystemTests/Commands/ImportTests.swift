import Foundation
import Testing

/// What `kvs import` does with lines and services of all kinds.
@Suite("kvs import", .timeLimit(.minutes(5)))
struct ImportTests {
    private static func run(
        _ lines: String,
        _ service: Endpoint,
        _ options: String...
    ) throws -> CommandRun {
        try CommandRun(["import"] + options, service: service, input: Array(lines.utf8))
    }

    @Test("Fields may stand in any order and form; the last line end may be missing")
    func forms() throws {
        let main = try ServerProcess.main()
        let lines = #"""
             { "value" : "x\u0041\/" , "key" : "\u0061" } 
            {"ttl":1000,"encoding":"base64","value":"AP8\/","key":"b"}
            {"key":"c","value":""}
            """#
        let run = try Self.run(
            lines.replacing("\n", with: "\r\n", maxReplacements: 1),
            main.endpoint
        )
        #expect(run.status == .exited(0) && run.error == "kvs: 3 written, 0 unchanged\n")
        try HTTPClient(main.endpoint).get("a").expect(.value("xA/"))
        let second = try CommandRun(["get", "b"], service: main.endpoint)
        #expect(second.outputBytes == [0, 0xFF, 0x3F])
        let ttl = try CommandRun(["get", "b", "--json"], service: main.endpoint).json()["ttl"]
        #expect((900...1000).contains(ttl as? Int ?? 0))
        try HTTPClient(main.endpoint).get("c").expect(.value(""))
        let json = try Self.run(lines, main.endpoint, "--json")
        #expect(json.output == "{\"written\":0,\"unchanged\":3}\n" && json.error == "")
        #expect(try Self.run("", main.endpoint).error == "kvs: 0 written, 0 unchanged\n")
    }

    @Test(
        "A bad line: 65, its number and what is wrong; nothing behind it is sent",
        arguments: [
            ("", "malformed JSON at byte 0: it ends too early"),
            ("x", "malformed JSON at byte 0: it must be an object"),
            (#"{"key":"b","value":"x""#, "malformed JSON at byte 22: it ends too early"),
            (#"{"key":"b","value":"x"}{"#, "malformed JSON at byte 23: the object has ended"),
            (#"{"key":"b"}"#, "no field 'value'"), (#"{"value":"x"}"#, "no field 'key'"),
            (#"{"key":"b-","value":"x"}"#, "'b-' is no key: a key is 1 to 250 of A-Z a-z 0-9 _"),
            (#"{"key":"","value":"x"}"#, "'' is no key: a key is 1 to 250 of A-Z a-z 0-9 _"),
            (#"{"key":"b","value":"x","key":"b"}"#, "more than one field 'key'"),
            (#"{"key":"b","value":"x","value":"x"}"#, "more than one field 'value'"),
            (#"{"key":"b","value":"x","tll":"1"}"#, "unknown field 'tll'"),
            (#"{"key":"b","value":"x","tll":1}"#, "unknown field 'tll'"),
            (#"{"key":"b","value":"x","note":null}"#, "unknown field 'note'"),
            (#"{"key":null,"value":"x"}"#, "malformed JSON at byte 7: this does not belong here"),
            (
                "\u{FEFF}{\"key\":\"b\",\"value\":\"x\"}",
                "malformed JSON at byte 0: it must be an object"
            ),
            (#"{"key":"b","value":"x","\u001b":"1"}"#, #"unknown field '\u{1B}'"#),
            (#"{"key":"b","value":"x","ttl":0}"#, "'ttl' must be from 1 to 4294967295"),
            (#"{"key":"b","value":"x","ttl":4294967296}"#, "'ttl' must be from 1 to 4294967295"),
            (#"{"key":"b","value":"x","encoding":"hex"}"#, #"'encoding' must be "base64""#),
            (#"{"key":"b","value":"AA","encoding":"base64"}"#, "the value is not base64"),
            (#"{"key":"b","value":"AA\n=","encoding":"base64"}"#, "the value is not base64"),
        ]
    )
    func badLine(line: String, reason: String) throws {
        let main = try ServerProcess.main()
        let good = ["a", "z"].map { "{\"key\":\"\($0)\",\"value\":\"x\"}\n" }
        let run = try Self.run("\(good[0])\(line)\n\(good[1])", main.endpoint)
        #expect(run.status == .exited(65) && run.output == "")
        #expect(run.error == "kvs: error: line 2: \(reason); 1 written, 0 unchanged\n")
        #expect(try CommandRun(["list"], service: main.endpoint).output == "a\n")
        let json = try Self.run("\(good[0])\(line)\n\(good[1])", main.endpoint, "--json")
        #expect(json.status == .exited(65))
        #expect(
            try json.json()["error"] as? String == "line 2: \(reason); 0 written, 1 unchanged"
        )
    }

    @Test("The longest line is taken; what is longer, or has too large a value, is a bad line")
    func longLines() throws {
        let main = try ServerProcess.main()
        let escape = #"\u0001"#
        func line(_ count: Int) -> String {
            "{\"key\":\"a\",\"value\":\"\(String(repeating: escape, count: count))\"}\n"
        }
        #expect(
            try Self.run(line(1_572_864), main.endpoint).error == "kvs: 1 written, 0 unchanged\n"
        )
        let large = try Self.run(line(1_572_865), main.endpoint)
        #expect(large.status == .exited(65))
        let words = "line 1: the value has more than 1572864 bytes; 0 written, 0 unchanged"
        #expect(large.error == "kvs: error: \(words)\n")
        let endless = try CommandRun(["import", "/dev/zero"], service: main.endpoint)
        #expect(endless.status == .exited(65))
        #expect(endless.error.contains("line 1: it has more than 10485760 bytes"))
    }

    @Test("Lines of one key are stored in their order")
    func order() throws {
        let main = try ServerProcess.main()
        let lines = (1...2000).map { "{\"key\":\"k\($0 % 3)\",\"value\":\"\($0)\"}\n" }.joined()
        let run = try Self.run(lines, main.endpoint)
        #expect(run.error == "kvs: 2000 written, 0 unchanged\n")
        for number in 1998...2000 {
            try HTTPClient(main.endpoint).get("k\(number % 3)").expect(.value("\(number)"))
        }
    }

    @Test("A write whose outcome is unknown is sent again, and counts as written")
    func unknownOutcome() throws {
        let counter = Locked(0)
        let server = try ScriptedMain { request, connection in
            guard request.method == "PUT" else {
                connection.write(ScriptedMain.reply(body: #"{"msg":"success","keys":["a"]}"#))
                return true
            }
            switch counter.withLock({
                $0 += 1; return $0
            }) {
            case 1: return false
            case 2:
                let body = #"{"msg":"error","error":"service is not available"}"#
                let fields = ["KVS-Outcome: unknown"]
                connection.write(ScriptedMain.reply("404 Not Found", fields: fields, body: body))
            default:
                let body = #"{"msg":"error","error":"precondition failed"}"#
                // Whoever passes it on may have made the tag a weak one.
                let fields = [#"ETag: W/"5c7401c0ec22eeeeeaf06c6480b2cd11""#]
                connection.write(
                    ScriptedMain.reply("412 Precondition Failed", fields: fields, body: body)
                )
            }
            return true
        }
        let line = "{\"key\":\"a\",\"value\":\"x\"}\n"
        #expect(try Self.run(line, server.endpoint).error == "kvs: 1 written, 0 unchanged\n")
        #expect(server.requests.filter { $0.method == "PUT" }.count == 3)
        #expect(try Self.run(line, server.endpoint).error == "kvs: 0 written, 1 unchanged\n")
    }

    @Test("It is not sent again for ever: 69, and the line's number")
    func bounded() throws {
        let server = try ScriptedMain { _, _ in false }
        let run = try Self.run("{\"key\":\"a\",\"value\":\"x\"}\n", server.endpoint)
        #expect(run.status == .exited(69) && server.requests.count == 5)
        #expect(
            run.error.hasPrefix("kvs: error: line 1: http://\(server.endpoint): service is not")
        )
        #expect(run.error.hasSuffix("; 0 written, 0 unchanged\n"))
    }

    @Test("A value that the server refuses is not sent again: 65, its words and the line")
    func refused() throws {
        let main = try ServerProcess.main(["KVS_MAX_MEMORY": "1M"])
        let value = String(repeating: "x", count: 1_500_000)
        let lines = "{\"key\":\"a\",\"value\":\"x\"}\n{\"key\":\"b\",\"value\":\"\(value)\"}\n"
        let run = try Self.run(lines, main.endpoint)
        #expect(run.status == .exited(65))
        #expect(run.error.contains("line 2: http://\(main.endpoint): 507: out of memory"))
        #expect(run.error.hasSuffix("; 1 written, 0 unchanged\n"))
    }

    @Test("What cannot be read: 66; wrong use: 64")
    func files() throws {
        let absent = try CommandRun(["import", "/no/such"])
        #expect(absent.status == .exited(66))
        #expect(absent.error == "kvs: error: cannot read /no/such: No such file or directory\n")
        let unnamed = try CommandRun(["import", ""])
        #expect(unnamed.status == .exited(66))
        #expect(unnamed.error == "kvs: error: cannot read '': No such file or directory\n")
        let folder = try CommandRun(["import", "/"])
        #expect(folder.status == .exited(66))
        #expect(folder.error.hasSuffix("Is a directory; 0 written, 0 unchanged\n"))
        #expect(try CommandRun(["import", "a", "b"]).status == .exited(64))
        let terminal = try CommandRun.onTerminal(["import"])
        #expect(terminal.status == .exited(64) && terminal.output.contains("nothing to import"))
        let script = #""$0" import <&-"#
        let closed = try CommandRun(
            command: ["bash", "-c", script, try ServerProcess.Program.kvs.path()],
            service: nil,
            input: nil
        )
        #expect(closed.status == .exited(66))
    }
}
