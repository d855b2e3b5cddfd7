import Glibc
import Testing

/// What the program makes of its environment and its flags.
@Suite("Configuration", .timeLimit(.minutes(10)))
struct ConfigurationTests {
    /// Settings that cannot be served, and a word that the reason holds.
    struct BadSettings: Sendable, CustomTestStringConvertible {
        let environment: [String: String]
        let word: String

        init(_ environment: [String: String], _ word: String) {
            (self.environment, self.word) = (environment, word)
        }

        var testDescription: String {
            environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
        }
    }

    @Test(
        "a bad value ends with one line on stderr and status 78",
        arguments: [
            BadSettings(["IP": "not an address"], "IP"),
            BadSettings(["IP": "256.0.0.1"], "IP"),
            BadSettings(["IP": "127.0.0"], "IP"),
            BadSettings(["IP": "127.0.0.1:80"], "IP"),
            BadSettings(["IP": "::g"], "IP"),
            BadSettings(["PORT": "http"], "PORT"),
            BadSettings(["PORT": "-1"], "PORT"),
            BadSettings(["PORT": "65536"], "PORT"),
            BadSettings(["PORT": "80 80"], "PORT"),
            BadSettings(["PORT": "8080x"], "PORT"),
            BadSettings(["PORT": "0x50"], "PORT"),
            BadSettings(["ISMAIN": "maybe"], "ISMAIN"),
            BadSettings(["ISMAIN": "2"], "ISMAIN"),
            BadSettings(["ISMAIN": "False"], "MAINIP"),
            BadSettings(["ISMAIN": "0"], "MAINIP"),
            BadSettings(["ISMAIN": "False", "MAINIP": ""], "MAINIP"),
            BadSettings(["MAINIP": "10.0.0.20:"], "MAINIP"),
            BadSettings(["MAINIP": ":8080"], "MAINIP"),
            BadSettings(["MAINIP": "10.0.0.20:0"], "MAINIP"),
            BadSettings(["MAINIP": "10.0.0.20:65536"], "MAINIP"),
            BadSettings(["MAINIP": "10.0.0.20:http"], "MAINIP"),
            BadSettings(["MAINIP": "http://10.0.0.20:8080"], "MAINIP"),
            BadSettings(["MAINIP": "10.0.0.20:8080/kvs"], "MAINIP"),
            BadSettings(["MAINIP": "[::1:8080"], "MAINIP"),
            BadSettings(["MAINIP": "two words:8080"], "MAINIP"),
            BadSettings(["KVS_THREADS": "0"], "KVS_THREADS"),
            BadSettings(["KVS_THREADS": "-1"], "KVS_THREADS"),
            BadSettings(["KVS_THREADS": "many"], "KVS_THREADS"),
            BadSettings(["KVS_CONNECT_TIMEOUT": "soon"], "KVS_CONNECT_TIMEOUT"),
            BadSettings(["KVS_FORWARD_TIMEOUT": "-1"], "KVS_FORWARD_TIMEOUT"),
            BadSettings(["KVS_REQUEST_TIMEOUT": "0"], "KVS_REQUEST_TIMEOUT"),
            BadSettings(["KVS_IDLE_TIMEOUT": "1h30"], "KVS_IDLE_TIMEOUT"),
            BadSettings(["KVS_SHUTDOWN_TIMEOUT": "5 apples"], "KVS_SHUTDOWN_TIMEOUT"),
            BadSettings(["KVS_MAX_MEMORY": "lots"], "KVS_MAX_MEMORY"),
            BadSettings(["KVS_MAX_MEMORY": "-64M"], "KVS_MAX_MEMORY"),
            BadSettings(["KVS_MAX_BUFFERED": "1X"], "KVS_MAX_BUFFERED"),
            BadSettings(["KVS_MAX_CONNECTIONS": "0"], "KVS_MAX_CONNECTIONS"),
            BadSettings(["KVS_FORWARD_CONNECTIONS": "none"], "KVS_FORWARD_CONNECTIONS"),
        ]
    )
    func badValue(settings: BadSettings) throws {
        let run = try ServerProcess.run(
            ["IP": "127.0.0.1", "PORT": "0"].merging(settings.environment) { $1 }
        )
        expectRefusal(run, status: 78, mentioning: settings.word)
    }

    /// One line, `kvs: error: …`, and nothing on stdout that says it serves.
    private func expectRefusal(
        _ run: ServerProcess.Run,
        status: Int32,
        mentioning word: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(run.status == .exited(status), sourceLocation: sourceLocation)
        let lines = run.standardError.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines.last == "", sourceLocation: sourceLocation)
        #expect(run.standardError.hasPrefix("kvs: error: "), sourceLocation: sourceLocation)
        #expect(run.standardError.contains(word), sourceLocation: sourceLocation)
        #expect(!run.standardOutput.contains("url="), sourceLocation: sourceLocation)
    }

    @Test(
        "an unknown flag or argument ends with status 64",
        arguments: [["--nonsense"], ["server"], ["--port"], ["--port=0", "extra"], ["-x"]]
    )
    func unknownFlag(arguments: [String]) throws {
        let run = try ServerProcess.run(["IP": "127.0.0.1", "PORT": "0"], arguments: arguments)
        #expect(run.status == .exited(64))
        #expect(!run.standardError.isEmpty && !run.standardOutput.contains("url="))
    }

    @Test("a flag with a bad value ends with one line and status 78 or 64")
    func badFlagValue() throws {
        for arguments in [["--port", "65536"], ["--ip", "nowhere"], ["--threads", "0"]] {
            let run = try ServerProcess.run(["IP": "127.0.0.1", "PORT": "0"], arguments: arguments)
            #expect(run.status == .exited(78) || run.status == .exited(64))
            #expect(!run.standardError.isEmpty && !run.standardOutput.contains("url="))
        }
    }

    @Test("an address that is not this machine's ends with status 69")
    func foreignAddress() throws {
        // 192.0.2.0/24 is for documentation (RFC 5737): no host has it.
        let run = try ServerProcess.run(["IP": "192.0.2.1", "PORT": "0"])
        expectRefusal(run, status: 69, mentioning: "192.0.2.1")
    }

    @Test("a port in use ends with status 69, and leaves the one who uses it alone")
    func portInUse() throws {
        let first = try ServerProcess.main()
        let port = "\(first.endpoint.port)"
        for _ in 0..<3 {
            let run = try ServerProcess.run(["IP": "127.0.0.1", "PORT": port])
            expectRefusal(run, status: 69, mentioning: port)
        }
        for _ in 0..<20 {
            try HTTPClient(first.endpoint).get("key").expect(.missing)
        }
    }

    @Test("a main that is this very instance ends with status 78")
    func ownMain() throws {
        // A port that was free a moment ago.
        let port = try ServerProcess.main().endpoint.port
        let environment = [
            "IP": "127.0.0.1", "PORT": "\(port)", "ISMAIN": "False",
            "MAINIP": "127.0.0.1:\(port)",
        ]
        expectRefusal(try ServerProcess.run(environment), status: 78, mentioning: "MAINIP")
    }
}
