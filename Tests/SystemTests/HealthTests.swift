import Testing

/// `kvs health`, which containers ask by.
@Suite("kvs health", .timeLimit(.minutes(10)))
struct HealthTests {
    /// A program of this test alone: the command asks each server that runs the same file.
    private let program: ProgramCopy

    init() throws { program = try ProgramCopy() }

    /// A healthy server was called unhealthy, because the check read `IP` and `PORT` by itself.
    @Test(
        "It finds where the server listens, whatever the spelling",
        arguments: [
            (["IP": "", "PORT": "0"], []), (["IP": "[::1]", "PORT": "0"], []),
            (["IP": "::", "PORT": " 0 "], []), (["IP": "127.0.0.9", "PORT": "0\r"], []),
            (["IP": "127.0.0.1", "PORT": "8080"], ["--port", "0"]),
            (["IP": "10.9.8.7", "PORT": "0"], ["--ip", "127.0.0.2", "--threads", "3"]),
        ] as [([String: String], [String])]
    )
    func spelling(settings: [String: String], arguments: [String]) throws {
        let server = try start(settings, arguments)
        let (status, output, error) = try health()
        #expect(status == .exited(0), "\(error)")
        #expect(output.hasSuffix(":\(server.endpoint.port): well\n"))
        #expect(error == "")
    }

    @Test("A forwarder is well without its main")
    func forwarder() throws {
        let server = try start(["ISMAIN": "False", "MAINIP": "127.0.0.1:1"], [])
        #expect(try health().status == .exited(0))
        withExtendedLifetime(server) {}
    }

    @Test("It needs neither threads nor more than two descriptors, and no reader")
    func littleLeft() throws {
        let server = try start([:], [])
        // 0 to 2, and two for what it looks at and whom it asks.
        #expect(try health(wrapper: ["prlimit", "--nofile=5"]).status == .exited(0))
        let script = """
            mkfifo "$0.full" && exec 3<>"$0.full" && head -c 65536 /dev/zero >&3 && exec "$@" >&3
            """
        #expect(try health(wrapper: ["bash", "-c", script, program.path]).status == .exited(0))
        withExtendedLifetime(server) {}
    }

    @Test("None that runs, and one that does not answer, are not well: 69 and one line")
    func unwell() throws {
        let (status, output, error) = try health()
        #expect(status == .exited(69))
        #expect(output == "")
        #expect(error == "kvs: error: no server runs here from this file; ask one by --url\n")
        let server = try start([:], [])
        server.pause()
        let silent = try health()
        #expect(silent.status == .exited(69))
        #expect(
            silent.error == "kvs: error: http://\(server.endpoint)/livez: no answer within 2 s\n"
        )
        server.resume()
        #expect(try health().status == .exited(0))
        server.kill()
        #expect(try health().status == .exited(69))
    }

    @Test(
        "Options of the server are not its own: 64",
        arguments: [("--port=1", "PORT"), ("--x", "--x")]
    )
    func wrongUse(option: String, name: String) throws {
        let (status, _, error) = try health([option])
        #expect(status == .exited(64))
        #expect(error.contains(name))
    }

    private func start(
        _ settings: [String: String],
        _ arguments: [String]
    ) throws -> ServerProcess {
        let script = "shift; exec \(program.path) \"$@\""
        return try ServerProcess(
            settings,
            arguments: arguments,
            wrapper: ["bash", "-c", script, "bash"]
        )
    }

    private func health(
        _ arguments: [String] = [],
        wrapper: [String] = []
    ) throws -> (status: ExitStatus?, output: String, error: String) {
        let child = try ChildProcess(
            wrapper + [program.path, "health"] + arguments,
            environment: ServerProcess.environment(adding: ["PORT": "1"])
        )
        let status = child.waitForExit()
        return (status, child.standardOutput, child.standardError)
    }
}
