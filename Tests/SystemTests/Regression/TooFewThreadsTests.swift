import Foundation
import Testing

/// With too few threads the program ended with status 1, or waited for ever and said nothing.
@Suite("Too few threads", .timeLimit(.minutes(10)))
struct TooFewThreadsTests {
    /// The builder's folder may be closed to others.
    private let program: ProgramCopy

    init() throws { program = try ProgramCopy() }

    @Test(
        "Each start ends with 71 and one line, or serves and stops",
        .enabled(if: geteuid() == 0, "the limit holds for whoever is not root"),
        arguments: [1, 16]
    )
    func each(threads: Int) throws {
        var served: [Int] = []
        let limits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18, 20, 22, 23, 24, 25, 26, 28, 32]
        for limit in limits {
            // Each time another user, who has no other threads.
            let user = "\(2_000_000 + Int.random(in: 0..<1_000_000))"
            let command =
                "exec prlimit --nproc=\(limit) setpriv --reuid \(user) --clear-groups "
                + "\(program.path)"
            do {
                let server = try ServerProcess(
                    ["KVS_THREADS": "\(threads)"],
                    wrapper: ["bash", "-c", command]
                )
                try HTTPClient(server.endpoint).put("key", "bart").expect(.created)
                server.terminate()
                #expect(server.waitForExit() == .exited(0), "\(limit) threads")
                served.append(limit)
            } catch let refused as ServerProcess.NotStarted {
                #expect(refused.status == .exited(71), "\(limit) threads")
                #expect(refused.standardError.contains("ulimit -u"))
                #expect(refused.standardError.split(separator: "\n").count == 1)
            }
        }
        // Enough for each of them, and too few for any.
        #expect(served.contains(32) && !served.contains(5))
    }
}
