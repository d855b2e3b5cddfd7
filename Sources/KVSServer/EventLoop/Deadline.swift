/// The time by which a task must be done, for somebody who does many tasks, one after the other, most of
/// them long before their time.
///
/// Its timer is set once for many tasks: when it goes off while a later deadline holds, it is set again.
/// Setting and cancelling a timer of libevent's for each would cost some 1,800 instructions (callgrind). For
/// use on the loop's thread only.
final class Deadline {
    private let action: () -> Void
    private var timer: LoopTimer?
    private var time: ContinuousClock.Instant?
    /// When the timer goes off.
    private var timerTime: ContinuousClock.Instant?

    /// - Parameter action: Runs once for each deadline that passes. May set a new one.
    init(on loop: EventLoop, action: @escaping () -> Void) {
        self.action = action
        timer = LoopTimer(on: loop) { [unowned self] in timerHasGoneOff() }
    }

    /// Sets the deadline, in place of the present one.
    func set(after delay: Duration) {
        let time = ContinuousClock.now + delay
        self.time = time
        if let timerTime, timerTime <= time { return }
        timerTime = time
        timer?.start(after: delay)
    }

    /// The task is done.
    func clear() { time = nil }

    private func timerHasGoneOff() {
        timerTime = nil
        guard let time else { return }
        let rest = time - .now
        guard rest <= .zero else {
            set(after: rest)
            return
        }
        self.time = nil
        action()
    }
}
