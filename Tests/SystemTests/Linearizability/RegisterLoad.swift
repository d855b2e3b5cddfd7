import Foundation

/// Clients on threads of their own, until `stop`.
///
/// Used from any thread.
final class RegisterLoad: Sendable {
    /// What the clients of one endpoint saw so far.
    struct Tally {
        var answered = 0
        var unavailable = 0
        /// Writes whose condition was met, and those whose was not.
        var conditionsMet = 0
        var conditionsFailed = 0
        /// Keys put for a time that were not there.
        var lent = 0
        /// What no client may be told, the first few of it.
        var wrong: [String] = []
    }

    private struct State {
        var tallies: [Endpoint: Tally] = [:]
        var isStopping = false
        var running = 0
        var nextClient = 0
        var pauseMicroseconds: UInt32 = 0
    }

    /// What each history holds at the least and the most is bounded by this many operations in all.
    private static let maxOperations = 60_000

    let recorder = HistoryRecorder()
    private let keys: RegisterChoice.Keys
    private let seed: UInt64
    private let state = Locked(State())

    /// - Parameters:
    ///   - keys: Written all the time.
    ///   - expiring: Written with a time to live of a second, which is over now and then.
    ///   - seed: Decides each client's operations, not how they overlap.
    init(keys: [String], expiring: [String] = [], seed: UInt64) {
        self.keys = RegisterChoice.Keys(busy: keys, expiring: expiring)
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
                    at: endpoint,
                    peer,
                    recorder: self.recorder,
                    choosing: RegisterChoice(
                        "client\(number)",
                        self.keys,
                        seed: self.seed &* 1000 &+ UInt64(number)
                    )
                )
                while self.goesOn {
                    self.note(client.step(), at: endpoint)
                    usleep(self.state.withLock { $0.pauseMicroseconds })
                }
                self.state.withLock { $0.running -= 1 }
            }.start()
        }
    }

    /// Lets each client rest for 5 ms after each operation: for who waits for the time to go by.
    func slowDown() { state.withLock { $0.pauseMicroseconds = 5000 } }

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

    /// Waits until so many more keys were put for a time that were not there.
    func waitForLent(_ count: Int) throws {
        func lent() -> Int { state.withLock { $0.tallies.values.map(\.lent).reduce(0, +) } }
        let start = lent()
        try waitUntil("\(count) keys are put for a time", timeout: .seconds(30)) {
            lent() >= start + count || !wrong.isEmpty
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
        state.withLock { $0.tallies[endpoint, default: Tally()].add(result) }
        // A client that is refused asks again soon, not at once: the main's start needs the CPU.
        if case .answered = result { return }
        usleep(2000)
    }
}

extension RegisterLoad.Tally {
    fileprivate mutating func add(_ result: RegisterClient.Result) {
        switch result {
        case .answered(let action):
            answered += 1
            if case .put(_, _, .some, replaced: false) = action { lent += 1 }
            switch action {
            case .put(_, .some, _, _), .delete(.some, existed: true): conditionsMet += 1
            case .refused: conditionsFailed += 1
            default: break
            }
        case .unavailable: unavailable += 1
        case .wrong(let text): if wrong.count < 5 { wrong.append(text) }
        }
    }
}
