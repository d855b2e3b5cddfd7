import Basics
import EventHTTP
import EventLoops
import KVSStore

/// Gives back the memory of items that have expired, without anybody asking for them: once a second, in
/// turns between which others have theirs. Nobody is served an expired item in the meantime.
///
/// Made before the loop's thread starts, and for use on that.
final class ExpiryTask: LoopTask, @unchecked Sendable {
    // Safe: used on the loop's thread only, which takes it over by `execute`.

    private static let interval = TimeSpan.seconds(1)

    @exclusivity(unchecked) var isQueued = false
    private let sweep: ExpirySweep
    private let queue: LoopQueue
    private var timer: LoopTimer?

    init(_ sweep: ExpirySweep, on surroundings: LoopSurroundings) {
        self.sweep = sweep
        queue = surroundings.queue
        timer = LoopTimer(on: surroundings.loop) { [unowned self] in queue.append(self) }
        surroundings.loop.execute { [weak self] in self?.timer?.start(after: Self.interval) }
    }

    func takeTurn() {
        if sweep.step() {
            queue.append(self)
        } else {
            timer?.start(after: Self.interval)
        }
    }

    /// The loop stops. Runs on its thread.
    func close() { timer = nil }
}
