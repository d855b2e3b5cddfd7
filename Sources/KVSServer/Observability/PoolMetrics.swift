/// What one loop of a forwarder tells of its connections to the main. Changed on the loop's thread; any
/// thread may read it.
final class PoolMetrics: Sendable {
    static let attempts = 0
    static let unanswered = 1
    static let idle = 2
    static let busy = 3
    static let waiting = 4
    static let firstReason = 5
    /// In the order of ``note(_:idle:connections:waiting:)``.
    static let reasons = [
        "refused", "unreachable", "local", "lost", "stale", "overloaded", "timeout",
    ]

    let numbers = Counters(firstReason + reasons.count)

    func clientGetsNoAnswer() { numbers.add(1, at: Self.unanswered) }

    /// Says how it stands.
    func note(_ counts: ForwardingCounts, idle: Int, connections: Int, waiting: Int) {
        numbers.set(counts.sent, at: Self.attempts)
        numbers.set(idle, at: Self.idle)
        numbers.set(connections - idle, at: Self.busy)
        numbers.set(waiting, at: Self.waiting)
        numbers.set(counts.refused, at: Self.firstReason)
        numbers.set(counts.unreachable, at: Self.firstReason + 1)
        numbers.set(counts.local, at: Self.firstReason + 2)
        numbers.set(counts.lost, at: Self.firstReason + 3)
        numbers.set(counts.stale, at: Self.firstReason + 4)
        numbers.set(counts.overloaded, at: Self.firstReason + 5)
        numbers.set(counts.timedOut, at: Self.firstReason + 6)
    }
}
