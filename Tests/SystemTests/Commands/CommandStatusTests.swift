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
        #expect(run.error == "kvs: error: http://127.0.0.1:1: service is not available\n")
        let json = try CommandRun(arguments + ["--url", "http://127.0.0.1:1", "--json"])
        #expect(json.status == .exited(69))
        let words = "http://127.0.0.1:1: service is not available"
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
        #expect(run.error.contains("no reply in time"))
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
            #expect(run.error == "kvs: error: the value has 1572865 bytes; the most are 1572864\n")
        }
        try HTTPClient(main.endpoint).get("key").expect(.missing)
    }

    @Test(
        "What the server refuses: 65 and the server's words; what it cannot do now, or is not: 69",
        arguments: [
            ("507 Insufficient Storage", 507, 65), ("400 Bad Request", 400, 65),
            ("413 Content Too Large", 413, 65), ("503 Service Unavailable", 503, 69),
            ("404 Not Found", 404, 69),
        ]
    )
    func refused(line: String, status: Int, exit: Int32) throws {
        let server = try ScriptedMain { _, connection in
            connection.write(
                ScriptedMain.reply(line, body: #"{"msg":"error","error":"what it says"}"#)
            )
            return true
        }
        let run = try CommandRun(["put", "key", "x"], service: server.endpoint)
        #expect(run.status == .exited(exit))
        #expect(
            run.error == "kvs: error: http://\(server.endpoint): \(status): what it says\n"
        )
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
}
