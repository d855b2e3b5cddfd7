import Synchronization

/// What the loops of one forwarder tell each other about a silent main: that it is back.
///
/// Each loop finds out for itself that the main is silent. Its return, noticed by one, ends the silence
/// of all, so that a forwarder that says it is ready is ready on every loop. Safe to use from any thread.
final class MainReturn: Sendable {
    private let silentLoops = Atomic<Int>(0)
    private let count = Atomic<UInt64>(0)

    /// A loop begins to fail its requests at once.
    ///
    /// - Returns: The number of returns so far: the silence is over once there are more.
    func beginSilence() -> UInt64 {
        silentLoops.add(1, ordering: .relaxed)
        return count.load(ordering: .acquiring)
    }

    func endSilence() { silentLoops.subtract(1, ordering: .relaxed) }

    /// The main has answered a loop. One load where no loop waits for that.
    func hasAnswered() {
        if silentLoops.load(ordering: .relaxed) > 0 {
            count.add(1, ordering: .acquiringAndReleasing)
        }
    }

    func hasReturned(since start: UInt64) -> Bool { count.load(ordering: .acquiring) != start }
}
