import Foundation

/// What one client writes to a key of a real service through a forwarder, with others that read it at the
/// main and at the forwarder: recorded.
struct RecordedScene {
    static let first = "first"
    static let second = "second"
    static let lent = "lent"
    static let next = "next"

    let history: [RegisterOperation]

    /// Plays it: two writes of which the second compares, one that compares with what is no longer there, a
    /// value that goes after a second, and the write after it.
    init() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let load = ReadLoad(
            of: "key",
            at: [(main.endpoint, .main), (forwarder.endpoint, .forwarder)]
        )
        let choice = RegisterChoice("writer", .init(busy: ["key"]), seed: 1)
        let writer = RegisterClient(
            at: forwarder.endpoint,
            .forwarder,
            recorder: load.recorder,
            choosing: choice
        )
        func play(_ request: RegisterRequest) throws -> RegisterOperation.Action {
            let result = writer.perform(request, on: "key")
            guard case .answered(let action) = result else {
                throw WaitedInVain(description: "\(request): \(result)")
            }
            return action
        }
        _ = try play(.put(Self.first))
        _ = try play(.put(Self.second, if: .holds(Self.first)))
        _ = try play(.get())
        _ = try play(.put("third", if: .holds(Self.first)))
        _ = try play(.delete(if: .holds(Self.second)))
        _ = try play(.put(Self.lent, seconds: 1))
        // Its time is over wherever in the PUT it began.
        let latest = monotonicNanoseconds() + 1_000_000_000
        try waitUntil("the key has gone") {
            let isOver = monotonicNanoseconds() > latest
            return try play(.get()) == .get(nil) && isOver
        }
        _ = try play(.put(Self.next, if: .isAbsent))
        _ = try play(.get())
        try load.stop()
        history = load.recorder.history(of: "key").sorted { $0.invoked < $1.invoked }
    }
}

/// Clients that read one key, each on a thread of its own, until `stop`.
private final class ReadLoad: Sendable {
    let recorder = HistoryRecorder()
    private let state = Locked((isStopping: false, running: 0, failures: [String]()))

    init(of key: String, at servers: [(endpoint: Endpoint, peer: RegisterClient.Peer)]) {
        for server in servers {
            state.withLock { $0.running += 1 }
            Thread {
                let client = RegisterClient(
                    at: server.endpoint,
                    server.peer,
                    recorder: self.recorder,
                    choosing: RegisterChoice("reader", .init(busy: [key]), seed: 1)
                )
                while self.state.withLock({ !$0.isStopping }) {
                    let result = client.perform(.get(), on: key)
                    if case .answered = result { continue }
                    self.state.withLock {
                        $0.failures.append("\(result)")
                        $0.isStopping = true
                    }
                }
                self.state.withLock { $0.running -= 1 }
            }.start()
        }
    }

    func stop() throws {
        state.withLock { $0.isStopping = true }
        try waitUntil("the readers have ended") { state.withLock { $0.running == 0 } }
        let failures = state.withLock { $0.failures }
        guard failures.isEmpty else { throw WaitedInVain(description: "\(failures)") }
    }
}
