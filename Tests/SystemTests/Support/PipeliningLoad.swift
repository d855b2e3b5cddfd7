import Foundation

/// Clients that pipeline bursts of requests for keys of their own, and check each of their answers:
/// what goes on beside a test, on threads of its own, until `stop`.
///
/// Used from any thread.
final class PipeliningLoad: Sendable {
    /// What the clients must be told.
    enum Promise: Sendable {
        /// All of it: the server stays.
        case everything
        /// The truth, or that the service is not available: behind a forwarder the main may be killed.
        case truthOrUnavailable
    }

    private struct State {
        var isStopping = false
        var running = 0
        var answered = 0
        var unavailable = 0
        var wrong: [String] = []
    }

    /// Some minutes of it: a test that hangs is not kept alive by its surroundings.
    private static let maxBursts = 20_000

    private let state = Locked(State())

    /// Starts `count` clients of one server. Their keys' names begin with `prefix`, which no others do.
    init(
        _ count: Int,
        at endpoint: Endpoint,
        _ promise: Promise,
        prefix: String = uniqueKey("pipelined"),
        seed: UInt64 = 1
    ) {
        state.withLock { $0.running = count }
        for number in 0..<count {
            Thread {
                do {
                    let client = try PipeliningClient(
                        "\(prefix)\(number)",
                        at: endpoint,
                        promise,
                        seed: seed &* 1000 &+ UInt64(number)
                    )
                    for _ in 0..<Self.maxBursts where self.goesOn {
                        self.note(try client.burst())
                    }
                } catch {
                    self.state.withLock { $0.wrong.append("client \(number): \(error)") }
                }
                self.state.withLock { $0.running -= 1 }
            }.start()
        }
    }

    /// Lets each client finish its burst, and waits for all.
    ///
    /// - Returns: What no client may be told, the first few of it.
    func stop() throws -> [String] {
        state.withLock { $0.isStopping = true }
        try waitUntil("the pipelining clients have ended", timeout: .seconds(60)) {
            state.withLock { $0.running == 0 }
        }
        return state.withLock { Array($0.wrong.prefix(10)) }
    }

    /// Waits until so many more requests were answered by the main.
    func waitForAnswers(_ count: Int) throws {
        let start = answered
        try waitUntil("\(count) pipelined requests are answered", timeout: .seconds(30)) {
            answered >= start + count || !goesOn
        }
    }

    /// Requests that were answered by the main, so far.
    var answered: Int { state.withLock { $0.answered } }

    private var goesOn: Bool { state.withLock { !$0.isStopping && $0.wrong.isEmpty } }

    private func note(_ tally: PipeliningClient.Tally) {
        state.withLock { state in
            state.answered += tally.answered
            state.unavailable += tally.unavailable
            state.wrong += tally.wrong
        }
        // Where the main is away, its start needs the CPU.
        if tally.answered == 0 { usleep(2000) }
    }
}
