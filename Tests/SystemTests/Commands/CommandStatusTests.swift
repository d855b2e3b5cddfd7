import Testing

/// The exit statuses of the client's commands, and the line on stderr that goes with each.
@Suite("Statuses of the commands", .timeLimit(.minutes(10)))
struct CommandStatusTests {
    @Test(
        "Wrong use: 64, before anybody is asked",
        arguments: [
            ["put"], ["put", "key", "a", "b"], ["put", "a-b", "x"], ["put", "", "x"],
            ["put", "key", "x", "--file", "/dev/null"], ["put", "key", "x", "--port", "80"],
            ["get"], ["get", "a", "b"], ["get", "a/b"], ["get", "key", "--x"],
            ["get", "key", "--url", "https://localhost"], ["get", "key", "--url", "a:b:c"],
            ["get", "key", "--timeout", "0"], ["get", "key", "--timeout", "soon"],
            ["get", String(repeating: "k", count: 251)], ["delete"], ["delete", "é"],
            ["list", "a", "b"], ["list", "a-b"], ["list", "a", "--port", "80"], ["export", "é"],
            ["export", "--file", "x"], ["import", "a", "b"],
            ["import", "/dev/null", "--port", "80"],
            ["health", "--url", "x:y"], ["health", "x"], ["check"], ["check", "x:y"],
            ["check", "http://127.0.0.1:1", "--main-ip", "x"], ["nonsense"],
            ["--port", "1", "get", "key"],
        ]
    )
    func wrongUse(arguments: [String]) throws {
        let run = try CommandRun(arguments)
        #expect(run.status == .exited(64))
        #expect(run.output == "" && run.error != "")
    }

    @Test(
        "Nobody answers: 69",
        arguments: [["get", "key"], ["delete", "key"], ["put", "key", "x"]]
    )
    func nobody(arguments: [String]) throws {
        let run = try CommandRun(arguments + ["--url", "http://127.0.0.1:1"])
        #expect(run.status == .exited(69))
        #expect(run.output == "")
        let words = "http://127.0.0.1:1: service is not available (connection refused)"
        #expect(run.error == "kvs: error: \(words)\n")
        let json = try CommandRun(arguments + ["--url", "http://127.0.0.1:1", "--json"])
        #expect(json.status == .exited(69))
        #expect(try json.json()["error"] as? String == words)
    }

    @Test("A forwarder whose main is away: 69, and 0 again once it is back")
    func mainAway() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let url = forwarder.endpoint
        let commands = [["put", "key", "x"], ["get", "key"], ["delete", "key"]]
        main.kill()
        for command in commands {
            let run = try CommandRun(command, service: url)
            #expect(run.status == .exited(69))
            #expect(run.error == "kvs: error: http://\(url): service is not available\n")
        }
        try main.restart()
        for command in commands {
            let run = try CommandRun(command, service: url)
            #expect(run.status == .exited(0), "\(run.error)")
        }
    }

    @Test("A write that may have been done says so")
    func unknownOutcome() throws {
        let server = try ScriptedMain { _, _ in false }
        let run = try CommandRun(["put", "key", "x"], service: server.endpoint)
        #expect(run.status == .exited(69))
        #expect(run.error.hasSuffix("; it may have been done all the same\n"))
        #expect(server.requests.count == 1)
    }

    @Test("A server that says nothing: 69 at the deadline")
    func silence() throws {
        let main = try ServerProcess.main()
        main.pause()
        try main.waitUntilPaused()
        let run = try CommandRun(["get", "key", "--timeout", "0.2"], service: main.endpoint)
        #expect(run.status == .exited(69))
        #expect(run.error == "kvs: error: http://\(main.endpoint): no reply in time\n")
        for write in [["put", "key", "x"], ["delete", "key"]] {
            let run = try CommandRun(write + ["--timeout", "0.2"], service: main.endpoint)
            #expect(run.status == .exited(69))
            #expect(run.error.hasSuffix("no reply in time; it may have been done all the same\n"))
        }
        main.resume()
    }

    @Test("A value that is too large: 65, from each place that has one")
    func tooLarge() throws {
        let main = try ServerProcess.main()
        let value = Pattern.bytes(count: 1_572_865)
        let stdin = try CommandRun(["put", "key"], service: main.endpoint, input: value)
        let endless = try CommandRun(["put", "key", "--file", "/dev/zero"], service: main.endpoint)
        for run in [stdin, endless] {
            #expect(run.status == .exited(65))
            #expect(run.error == "kvs: error: the value has more than 1572864 bytes\n")
        }
        try HTTPClient(main.endpoint).get("key").expect(.missing)
    }

    @Test(
        "A value that the server refuses: 65, and its words; any other answer without a result: 69",
        arguments: [
            (400, 65), (404, 69), (408, 69), (413, 65), (415, 65), (417, 69), (429, 69), (431, 69),
            (500, 69), (503, 69), (507, 65), (302, 69),
        ] as [(Int, Int32)]
    )
    func refused(status: Int, exit: Int32) throws {
        let server = try ScriptedMain { _, connection in
            connection.write(
                ScriptedMain.reply("\(status) X", body: #"{"msg":"error","error":"what it says"}"#)
            )
            return true
        }
        let commands = [
            (["put", "key", "x"], exit), (["get", "key"], 69), (["delete", "key"], 69),
        ]
        for (command, exit) in commands {
            let run = try CommandRun(command, service: server.endpoint)
            #expect(run.status == .exited(exit))
            // Whoever answers 500 may have done it before.
            let outcome =
                status == 500 && command[0] != "get" ? "; it may have been done all the same" : ""
            #expect(
                run.error
                    == "kvs: error: http://\(server.endpoint): \(status): what it says\(outcome)\n"
            )
        }
    }

    @Test("Why there is no service is said: no such host, no kvs, no reply")
    func causes() throws {
        let host = try CommandRun(["get", "key", "--url", "no-such-host.invalid:1"])
        #expect(host.error.hasSuffix(": service is not available (no such host)\n"))
        let health = try CommandRun(["health", "--url", "no-such-host.invalid:1"])
        #expect(health.error.hasSuffix("/livez: no such host\n"))
        let server = try ScriptedMain { request, connection in
            connection.write(
                request.method == "GET"
                    ? ScriptedMain.reply("404 Not Found", body: "<p>") : "220 smtp\r\n\r\n"
            )
            return request.method == "GET"
        }
        let other = try CommandRun(["get", "key"], service: server.endpoint)
        #expect(other.error.hasSuffix(": 404: <p> (what answers is no kvs)\n"))
        let noHTTP = try CommandRun(["delete", "key"], service: server.endpoint)
        #expect(noHTTP.error.contains("(the connection broke, or what answers is no kvs)"))
        for run in [host, health, other, noHTTP] { #expect(run.status == .exited(69)) }
    }

    @Test(
        "With --json wrong use is on stdout as well",
        arguments: [
            ["get", "a-b"], ["get", "key", "--url", "x:y"], ["put", "key", "x", "--file", "y"],
            ["delete", "key", "--timeout", "0"], ["get", "key", "--nonsense"], ["put"],
            ["health", "--url", "x:y"],
        ]
    )
    func wrongUseAsJSON(arguments: [String]) throws {
        let run = try CommandRun(arguments + ["--json"])
        #expect(run.status == .exited(64))
        let error = try #require(try run.json()["error"] as? String)
        #expect(run.error.contains(error))
        let plain = try CommandRun(arguments + ["--", "--json"])
        #expect(plain.status == .exited(64) && plain.output == "")
    }

    @Test("A bad KVS_URL is wrong use, on stdout as well with --json")
    func badVariable() throws {
        let script = #"KVS_URL=x:y exec "$0" get key --json"#
        let run = try CommandRun(
            command: ["bash", "-c", script, try ServerProcess.Program.kvs.path()],
            service: nil,
            input: nil
        )
        #expect(run.status == .exited(64))
        let words = "'x:y' is not a URL such as http://127.0.0.1:8080"
        #expect(try run.json()["error"] as? String == words)
    }

    @Test(
        "A stream that is closed, or whose other end is: its own status; a write that is done is named",
        arguments: [
            ("put new <&-", 66, "Bad file descriptor"),
            ("get old >&-", 74, "Bad file descriptor"),
            ("put old x >&-", 74, "Bad file descriptor; the value was stored"),
            ("put old x >/dev/full", 74, "No space left on device; the value was stored"),
            ("delete old >/dev/full", 74, "No space left on device; the key was deleted"),
            ("put old x >&3", 141, "Broken pipe; the value was stored"),
            ("delete old >&3", 141, "Broken pipe; the key was deleted"),
            ("get old >&3", 141, ""),
            ("check $KVS_URL >&-", 74, "Bad file descriptor"),
            ("health >&-", 0, ""),
        ] as [(String, Int32, String)]
    )
    func streams(command: String, status: Int32, words: String) throws {
        let main = try ServerProcess.main()
        try HTTPClient(main.endpoint).put("old", "bart").expect(.created)
        // 3: a pipe that nobody reads. Its reader has ended once `wait` has seen that.
        let script = "exec 3> >(exec true); wait $!; \"$0\" \(command)"
        let run = try CommandRun(
            command: ["bash", "-c", script, try ServerProcess.Program.kvs.path()],
            service: main.endpoint,
            input: nil
        )
        #expect(run.status == .exited(status))
        let call = status == 66 ? "cannot read stdin" : "cannot write to stdout"
        #expect(run.error == (words.isEmpty ? "" : "kvs: error: \(call): \(words)\n"))
        try HTTPClient(main.endpoint).get("new").expect(.missing)
    }

    @Test("No memory for the value: 65, by a real server")
    func full() throws {
        let main = try ServerProcess.main(["KVS_MAX_MEMORY": "1M"])
        let run = try CommandRun(
            ["put", "key"],
            service: main.endpoint,
            input: Pattern.bytes(count: 1_500_000)
        )
        #expect(run.status == .exited(65))
        #expect(run.error.contains(": 507: out of memory"))
    }

    @Test("A file that cannot be read: 66; a stdout that takes nothing: 74")
    func files() throws {
        let main = try ServerProcess.main()
        let absent = try CommandRun(["put", "key", "--file", "/no/such"], service: main.endpoint)
        #expect(absent.status == .exited(66))
        #expect(absent.error == "kvs: error: cannot read /no/such: No such file or directory\n")
        let folder = try CommandRun(["put", "key", "--file", "/"], service: main.endpoint)
        #expect(folder.status == .exited(66))
        try HTTPClient(main.endpoint).put("key", "bart").expect(.created)
        let script = #"exec "$0" get key >/dev/full"#
        let full = try CommandRun(
            command: ["bash", "-c", script, try ServerProcess.Program.kvs.path()],
            service: main.endpoint,
            input: nil
        )
        #expect(full.status == .exited(74))
        #expect(full.error == "kvs: error: cannot write to stdout: No space left on device\n")
    }

    @Test("kvs serve serves, with each option of the program on either side of the word")
    func serve() throws {
        for arguments in [["serve", "--threads", "3"], ["--threads", "3", "serve"]] {
            let server = try ServerProcess(arguments: arguments)
            #expect(server.standardOutput.contains("threads=3"))
            try HTTPClient(server.endpoint).put("key", "bart").expect(.created)
            server.terminate()
            #expect(server.waitForExit() == .exited(0))
        }
    }

    @Test("kvs health of a URL: a forwarder is ready only with its main")
    func health() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let url = "http://\(forwarder.endpoint)"
        let ready = try CommandRun(["health", "--url", url])
        #expect(ready.status == .exited(0) && ready.output == "\(url): well and ready\n")
        let json = try CommandRun(["health", "--json"], service: forwarder.endpoint).json()
        #expect(json["url"] as? String == url && json["ready"] as? Bool == true)
        main.kill()
        let away = try CommandRun(["health", "--url", url])
        #expect(away.status == .exited(69) && away.output == "")
        #expect(away.error.hasPrefix("kvs: error: \(url)/readyz: the answer is 503, not 200: "))
        let nobody = try CommandRun(["health", "--url", "http://\(main.endpoint)", "--json"])
        #expect(nobody.status == .exited(69))
        #expect(try nobody.json()["well"] as? Bool == false)
    }

    @Test(
        "kvs health of a URL whose server is no kvs, or whose reply does not end",
        arguments: [
            (ScriptedMain.reply(body: "{}"), "what answers is no kvs"),
            ("HTTP/1.1 200 OK\r\n\r\nhello", "what answers is no kvs"),
            ("220 smtp\r\n\r\n", "what came is no reply"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n",
                "the reply is too long"
            ),
            (
                String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 10_000),
                "the reply is too long"
            ),
        ]
    )
    func otherServer(reply: String, words: String) throws {
        let server = try ScriptedMain { _, connection in
            connection.write(reply)
            return false
        }
        let run = try CommandRun(["health"], service: server.endpoint)
        #expect(run.status == .exited(69))
        #expect(run.error == "kvs: error: http://\(server.endpoint)/readyz: \(words)\n")
    }
}
