import Foundation
import Testing

/// Where a new connection could not be watched, its descriptor's number was closed twice: by then it
/// could be another connection's.
@Suite("A descriptor is closed once", .timeLimit(.minutes(10)))
struct DoubleCloseTests {
    /// Whether a program can be run under `strace` here, which some containers forbid. What a sanitizer
    /// does at the end of a process does not work under it.
    private static let canTrace: Bool = {
        guard !ServerProcess.isSanitized,
            let child = try? ChildProcess(
                ["/usr/bin/env", "strace", "-qq", "-o", "/dev/null", "true"],
                environment: ServerProcess.environment(adding: [:])
            )
        else { return false }
        return child.waitForExit() == .exited(0)
    }()

    /// A file for a trace; whoever asks removes it.
    private static func traceFile() -> URL {
        FileManager.default.temporaryDirectory.appendingPathComponent(uniqueKey("trace"))
    }

    @Test(
        "A main resets each connection at once: a forwarder closes no number twice",
        .enabled(if: canTrace, "strace is not there, or may not trace")
    )
    func resetByMain() throws {
        let listener = try Listener(Endpoint(host: "127.0.0.1", port: 0))
        defer { listener.stop() }
        listener.start { descriptor in
            FakeConnection(descriptor: descriptor).resetOnClose()
            close(descriptor)
        }
        let trace = Self.traceFile()
        defer { try? FileManager.default.removeItem(at: trace) }
        let forwarder = try ServerProcess(
            ["KVS_THREADS": "1", "MAINIP": "\(listener.endpoint)", "ISMAIN": "False"],
            wrapper: [
                "/usr/bin/env", "strace", "-D", "-f", "-qq", "-o", trace.path,
                "-e", "trace=connect,getsockopt,close",
            ]
        )
        // The reset has to come between two looks at the socket: in one of some hundred connections.
        let wire = try WireClient(forwarder.endpoint, timeout: .seconds(60))
        for _ in 0..<30 {
            try wire.send(String(repeating: RawRequest.get("key"), count: 100))
            for _ in 0..<100 { try wire.readResponse().expect(.unavailable) }
        }
        forwarder.terminate()
        #expect(forwarder.waitForExit() == .exited(0))
        let lines = try String(contentsOf: trace, encoding: .utf8).split(separator: "\n")
        #expect(lines.count { $0.contains("connect(") } >= 3000)
        #expect(lines.filter { $0.contains("close(") && $0.contains("EBADF") } == [])
    }

    @Test(
        "epoll_ctl fails now and then: no number is closed twice, and the other clients are served",
        .enabled(if: canTrace, "strace is not there, or may not trace")
    )
    func unwatchable() throws {
        let trace = Self.traceFile()
        defer { try? FileManager.default.removeItem(at: trace) }
        let server = try ServerProcess(
            ["KVS_THREADS": "1"],
            // Calls are counted for each thread; the first five are the start's and one client's.
            wrapper: [
                "/usr/bin/env", "strace", "-D", "-f", "-qq", "-o", trace.path,
                "-e", "trace=epoll_ctl,close", "-e", "inject=epoll_ctl:error=ENOSPC:when=6+3",
            ]
        )
        var served = 0
        for _ in 0..<5 {
            // Stopped, it accepts them in a row when it goes on: numbers are used again.
            server.pause()
            let clients = try (0..<8).map { _ in
                try WireClient(server.endpoint, timeout: .seconds(3))
            }
            for client in clients { try client.send(RawRequest.get("key")) }
            server.resume()
            for client in clients {
                do {
                    try client.readResponse().expect(.missing)
                    served += 1
                } catch WireError.closed(partial: []), WireError.reset(partial: []) {}
            }
        }
        // Of three calls one fails, and a client needs a few.
        #expect(served > 5)
        server.terminate()
        #expect(server.waitForExit() == .exited(0))
        let lines = try String(contentsOf: trace, encoding: .utf8).split(separator: "\n")
        #expect(lines.contains { $0.contains("EPOLL_CTL_ADD") && $0.contains("INJECTED") })
        #expect(lines.filter { $0.contains("close(") && $0.contains("EBADF") } == [])
    }
}
