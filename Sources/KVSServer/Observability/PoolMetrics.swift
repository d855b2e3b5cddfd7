import Basics

/// What one loop of a forwarder tells of its connections to the main. Changed on the loop's thread; any
/// thread may read it.
final class PoolMetrics: Sendable {
    static let attempts = 0
    static let unanswered = 1
    static let idle = 2
    static let busy = 3
    static let waiting = 4
    static let firstReason = 5
    /// In the order of ``place(of:)``.
    static let reasons = ["refused", "unreachable", "local", "lost", "stale", "overloaded"]

    let numbers = Counters(firstReason + reasons.count)

    func hasSent() { numbers.add(1, at: Self.attempts) }

    func clientGetsNoAnswer() { numbers.add(1, at: Self.unanswered) }

    func hasFailed(_ failure: ConnectionFailure) { numbers.add(1, at: Self.place(of: failure)) }

    /// Says how it stands.
    func note(idle: Int, connections: Int, waiting: Int) {
        numbers.set(idle, at: Self.idle)
        numbers.set(connections - idle, at: Self.busy)
        numbers.set(waiting, at: Self.waiting)
    }

    private static func place(of failure: ConnectionFailure) -> Int {
        switch failure {
        case .refused: firstReason
        case .unreachable: firstReason + 1
        case .local: firstReason + 2
        case .lost: firstReason + 3
        case .stale: firstReason + 4
        case .overloaded: firstReason + 5
        }
    }
}
