import Basics
import EventLoops
import Synchronization

/// How late a loop does what is due: measured ten times a second, for whoever reads the metrics.
///
/// Made before the loop's thread starts, and closed on that.
final class LoopLag: @unchecked Sendable {
    // Safe: but for `worst`, used on the loop's thread only.

    private static let interval = TimeSpan.milliseconds(100)
    /// So many measures are one window.
    private static let measuresPerWindow = 150

    private var timer: LoopTimer?
    private var due = MonotonicTime.distantFuture
    private var measures = 0
    private var window = TimeSpan.zero
    private var windowBefore = TimeSpan.zero
    private let worst = Atomic<Int64>(0)

    init(on loop: EventLoop) {
        timer = LoopTimer(on: loop) { [unowned self] in measure() }
        loop.execute { [weak self] in self?.begin() }
    }

    /// The longest of the last 15 to 30 seconds. Any thread may ask.
    var worstOfLate: TimeSpan { TimeSpan(nanoseconds: worst.load(ordering: .relaxed)) }

    private func begin() {
        due = .now + Self.interval
        timer?.start(after: Self.interval)
    }

    private func measure() {
        let now = MonotonicTime.now
        window = max(window, now - due)
        // Anew each time: when libevent's own repetition is due, only libevent knows.
        begin()
        worst.store(max(window, windowBefore).nanoseconds, ordering: .relaxed)
        measures += 1
        guard measures == Self.measuresPerWindow else { return }
        (windowBefore, window, measures) = (window, .zero, 0)
    }

    func close() { timer = nil }
}
