import Basics
import Synchronization

/// What the loops of one forwarder tell each other about the main: that it is silent, that it is back, and
/// who asks it.
///
/// One loop finds out that the main is silent, and no request on any other waits in vain for that. Its
/// return, noticed by one, ends the silence of all, so that a forwarder that says it is ready is ready on
/// every loop. Probes are sent as by one for the whole process. Safe to use from any thread.
final class SharedBelief: Sendable {
    /// Counts the changes: even while the main is present, odd while it is silent.
    private let changes = Atomic<UInt64>(0)
    /// When something came from the main last, to any loop, in nanoseconds of the monotonic clock.
    private let lastAnswer = Atomic<Int64>(.min)
    /// Answers that follow each other faster than that are one: 10 ms. Nobody waits for as short a time.
    private static let answerSpacing = TimeSpan.milliseconds(10)
    /// When the last probe was sent, in nanoseconds of the monotonic clock.
    private let lastProbe = Atomic<Int64>(0)

    var isSilent: Bool { changes.load(ordering: .acquiring) & 1 == 1 }

    /// When something came from the main last, to any loop, or up to 10 ms before that.
    var timeOfLastAnswer: MonotonicTime {
        MonotonicTime(nanoseconds: lastAnswer.load(ordering: .relaxed))
    }

    func noteAnswer(at time: MonotonicTime) {
        // Read by all, and so rarely written.
        guard time > timeOfLastAnswer + Self.answerSpacing else { return }
        lastAnswer.store(time.nanoseconds, ordering: .relaxed)
    }

    /// - Returns: Whether that is news.
    func declareSilence() -> Bool { change(fromSilent: false) }

    /// - Returns: Whether that is news.
    func declareReturn() -> Bool { change(fromSilent: true) }

    private func change(fromSilent: Bool) -> Bool {
        let present = changes.load(ordering: .acquiring)
        guard (present & 1 == 1) == fromSilent else { return false }
        // Who comes second has nothing to add.
        return changes.compareExchange(
            expected: present,
            desired: present &+ 1,
            ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// Whether a probe is due for the process; whoever hears yes sends it.
    ///
    /// - Parameter spacing: How far probes of one loop are apart; timers go off a little early or late.
    func mayProbe(at now: MonotonicTime, spacing: TimeSpan) -> Bool {
        let last = lastProbe.load(ordering: .relaxed)
        guard last == 0 || now.nanoseconds - last >= spacing.nanoseconds / 10 * 9 else {
            return false
        }
        return lastProbe.compareExchange(
            expected: last,
            desired: now.nanoseconds,
            ordering: .relaxed
        ).exchanged
    }
}
