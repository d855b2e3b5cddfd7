import Foundation
import Testing

/// A log that nobody read held up all loops, and a stop: each line was written by the thread that had
/// something to say.
@Suite("A log that nobody reads holds up nothing", .timeLimit(.minutes(10)))
struct UnreadLogTests {
    enum Streams: CaseIterable { case standardOutput, standardError, both }

    @Test("A main that comes and goes, and a stop", arguments: Streams.allCases)
    func changingMain(_ full: Streams) throws {
        let main = try ServerProcess.main()
        let pipe = try FullPipe()
        let forwarder = try Child(
            ["MAINIP": "\(main.endpoint)", "KVS_FORWARD_TIMEOUT": "300ms"],
            pipe: pipe,
            full: full
        )
        let client = HTTPClient(forwarder.endpoint)
        try waitUntil("it serves") { (try? client.get("key").status) != nil }
        for _ in 0..<11 {
            main.pause()
            try main.waitUntilPaused()
            try client.get("key").expect(.unavailable)
            #expect(try client.send("GET", "/livez").status == 200)
            main.resume()
            try waitUntil("the main is back") { try client.get("key").text.contains("not exist") }
        }
        forwarder.send(SIGTERM)
        #expect(forwarder.waitForExit() == .exited(0))
    }

    @Test("What was queued is written once somebody reads, and the last line at the end")
    func lateReader() throws {
        let pipe = try FullPipe()
        let server = try Child([:], pipe: pipe, full: .standardOutput)
        let client = HTTPClient(server.endpoint)
        try waitUntil("it serves") { (try? client.get("key").status) != nil }
        #expect(pipe.read(until: "[KVSServer] ready"))
        server.send(SIGTERM)
        #expect(pipe.read(until: "[KVSServer] stopped"))
        #expect(server.waitForExit() == .exited(0))
    }

    @Test("The line that says why the start failed is not waited for", arguments: Streams.allCases)
    func wrongSetting(_ full: Streams) throws {
        let pipe = try FullPipe()
        let server = try Child(["KVS_THREADS": "many"], pipe: pipe, full: full)
        #expect(server.waitForExit() == .exited(78))
    }

    /// The program with a full pipe where its output goes.
    private final class Child {
        let endpoint: Endpoint
        private let pid: pid_t
        private var status: ExitStatus?

        init(_ settings: [String: String], pipe: FullPipe, full: Streams) throws {
            // Nobody can read where it serves: a port that was free a moment ago, of an address that
            // no other test takes ports of.
            endpoint = Endpoint(host: "127.0.0.46", port: try Self.freePort())
            let own = ["IP": endpoint.host, "PORT": "\(endpoint.port)"]
            pid = try Spawn(
                arguments: [try ServerProcess.Program.kvs.path()],
                environment: ServerProcess.environment(adding: own.merging(settings) { $1 }),
                standardInput: nil,
                standardOutput: full == .standardError ? nil : pipe.writeEnd,
                standardError: full == .standardOutput ? nil : pipe.writeEnd,
                group: try ProcessGroup.shared.get().id
            ).run()
        }

        deinit {
            guard status == nil else { return }
            kill(pid, SIGKILL)
            _ = waitForExit()
        }

        func send(_ signal: Int32) { kill(pid, signal) }

        /// Nil where it still runs after 20 s.
        func waitForExit() -> ExitStatus? {
            var raw: Int32 = 0
            guard eventually(within: .seconds(20), { waitpid(pid, &raw, WNOHANG) == pid }) else {
                return nil
            }
            status = ExitStatus(waitStatus: raw)
            return status
        }

        private static func freePort() throws -> UInt16 {
            let listener = try Listener(Endpoint(host: "127.0.0.46", port: 0))
            defer { listener.stop() }
            return listener.endpoint.port
        }
    }
}
