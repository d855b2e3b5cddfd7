import Foundation

/// Clients on threads of their own, until `stop`.
///
/// Used from any thread.
final class RegisterLoad: Sendable {
    /// What the clients of one endpoint saw so far.
    struct Tally {
        var answered = 0
        var unavailable = 0
        /// What no client may be told, the first few of it.
        var wrong: [String] = []
    }

    private struct State {
        var tallies: [Endpoint: Tally] = [:]
        var isStopping = false
        var running = 0
        var nextClient = 0
    }

    /// What each history holds at the least and the most is bounded by this many operations in all.
    private static let maxOperations = 20_000

    let recorder = HistoryRecorder()
    private let keys: [String]
    private let seed: UInt64
    private let state = Locked(State())

    /// - Parameter seed: Decides each client's operations, not how they overlap.
    init(keys: [String], seed: UInt64) {
        self.keys = keys
        self.seed = seed
    }

    /// Starts `count` clients of one server.
    func start(_ count: Int, at endpoint: Endpoint, _ peer: RegisterClient.Peer) {
        for _ in 0..<count {
            let number = state.withLock { state in
                state.running += 1
                state.nextClient += 1
                return state.nextClient
            }
            Thread {
                let client = RegisterClient(
                    "client\(number)",
                    at: endpoint,
                    peer,
                    keys: self.keys,
                    recorder: self.recorder,
                    seed: self.seed &* 1000 &+ UInt64(number)
                )
                while self.goesOn { self.note(client.step(), at: endpoint) }
                self.state.withLock { $0.running -= 1 }
            }.start()
        }
    }

    /// Lets each client finish its operation and waits for all.
    func stop() throws {
        state.withLock { $0.isStopping = true }
        try waitUntil("all clients have ended", timeout: .seconds(30)) {
            state.withLock { $0.running == 0 }
        }
    }

    /// Waits until so many more operations were answered by the main, at one endpoint or at all.
    func waitForAnswers(_ count: Int, at endpoint: Endpoint? = nil) throws {
        let start = answered(at: endpoint)
        try waitUntil("\(count) operations are answered", timeout: .seconds(30)) {
            answered(at: endpoint) >= start + count || !wrong.isEmpty
        }
    }

    func tally(at endpoint: Endpoint) -> Tally {
        state.withLock { $0.tallies[endpoint] ?? Tally() }
    }

    /// What no client may be told.
    var wrong: [String] { state.withLock { $0.tallies.values.flatMap(\.wrong) } }

    /// What the checker says of each key's history that is not linearizable.
    func violations() -> [String] {
        recorder.keys.compactMap { key in
            let history = recorder.history(of: key)
            let verdict = LinearizabilityChecker().check(history)
            return verdict == .linearizable
                ? nil : "\(key), \(history.count) operations: \(verdict)"
        }
    }

    private func answered(at endpoint: Endpoint?) -> Int {
        state.withLock { state in
            if let endpoint { return state.tallies[endpoint]?.answered ?? 0 }
            return state.tallies.values.map(\.answered).reduce(0, +)
        }
    }

    private var goesOn: Bool {
        state.withLock { state in
            let total = state.tallies.values.map { $0.answered + $0.unavailable }.reduce(0, +)
            return !state.isStopping && total < Self.maxOperations
        }
    }

    private func note(_ result: RegisterClient.Result, at endpoint: Endpoint) {
        state.withLock { state in
            switch result {
            case .answered: state.tallies[endpoint, default: Tally()].answered += 1
            case .unavailable: state.tallies[endpoint, default: Tally()].unavailable += 1
            case .wrong(let text):
                if state.tallies[endpoint, default: Tally()].wrong.count < 5 {
                    state.tallies[endpoint, default: Tally()].wrong.append(text)
                }
            }
        }
        // A client that is refused asks again soon, not at once: the main's start needs the CPU.
        if result != .answered { usleep(2000) }
    }
}
