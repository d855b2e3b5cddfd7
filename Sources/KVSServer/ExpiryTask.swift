import Basics
import EventHTTP
import EventLoops
import KVSStore

/// Gives back the memory of items that have expired, without anybody asking for them: once a second, and
/// while there is more to do, for a part of each pass of the loop. Nobody is served an expired item in the
/// meantime.
///
/// It does not stand in the loop's queue: its share would fall with the number of those who do, and theirs is
/// what it has to keep up with. Made before the loop's thread starts, and for use on that.
final class ExpiryTask: @unchecked Sendable {
    // Safe: used on the loop's thread only, which takes it over by `execute`.

    private static let interval = TimeSpan.seconds(1)
    /// Of one pass. As much as the loop's queue has.
    private static let timePerPass = TimeSpan.milliseconds(2)

    private let sweep: ExpirySweep
    private var timer: LoopTimer?

    init(_ sweep: ExpirySweep, on surroundings: LoopSurroundings) {
        self.sweep = sweep
        timer = LoopTimer(on: surroundings.loop) { [unowned self] in run() }
        surroundings.loop.execute { [weak self] in self?.timer?.start(after: Self.interval) }
    }

    private func run() {
        let end = MonotonicTime.now + Self.timePerPass
        var hasMore = true
        while hasMore, MonotonicTime.now < end { hasMore = sweep.step() }
        timer?.start(after: hasMore ? TimeSpan.zero : Self.interval)
    }

    /// The loop stops. Runs on its thread.
    func close() { timer = nil }
}
