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

    @Test(
        "epoll_ctl fails now and then: no number is closed twice, and the other clients are served",
        .enabled(if: canTrace, "strace is not there, or may not trace")
    )
    func unwatchable() throws {
        let trace = FileManager.default.temporaryDirectory.appendingPathComponent(
            uniqueKey("trace")
        )
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
