package import Basics
import CLibevent
import Glibc

/// A timer on an event loop. Every method, and the release, belongs on the loop's thread.
///
/// libevent's clock is coarse (4 ms where the kernel's tick is 250 Hz): a timer may be that much late.
/// Where libevent has no memory to remember it, it goes off at once; one that repeats tries again until it
/// can be armed.
package final class LoopTimer {
    private let action: () -> Void
    private let repeats: Bool
    private var event: UnsafeMutablePointer<CLibevent.event>?
    /// The interval of a timer that repeats and could not be armed.
    private var lostInterval: timeval?

    /// - Parameters:
    ///   - loop: Must outlive the timer.
    ///   - repeats: Whether the timer goes on until ``cancel()``.
    ///   - action: Runs on the loop's thread. May cancel, re-arm, or release the timer.
    package init(on loop: EventLoop, repeats: Bool = false, action: @escaping () -> Void) {
        self.action = action
        self.repeats = repeats
        // Safe: the event is freed in deinit, so the pointer is good whenever the callback runs.
        let context = Unmanaged.passUnretained(self).toOpaque()
        event = event_new(
            loop.base,
            -1,
            repeats ? Int16(EV_PERSIST) : 0,
            { _, _, context in
                // Safe: see above; the strong reference keeps the timer through its own action.
                let timer = Unmanaged<LoopTimer>.fromOpaque(context!).takeUnretainedValue()
                timer.goOff()
            },
            context
        )
        precondition(event != nil, "libevent: no memory for a timer")
    }

    deinit { event_free(event) }

    private func goOff() {
        if let lostInterval {
            // Not before its time: whoever counts by it would count too fast.
            start(after: lostInterval)
        } else {
            action()
        }
    }

    /// Arms the timer, anew where it was armed already.
    package func start(after delay: Duration) { start(after: timeval(delay)) }

    /// Arms the timer, anew where it was armed already.
    package func start(after span: TimeSpan) {
        let microseconds = max(span, .zero).nanoseconds / 1000
        start(
            after: timeval(
                tv_sec: Int(microseconds / 1_000_000),
                tv_usec: Int(microseconds % 1_000_000)
            )
        )
    }

    private func start(after interval: timeval) {
        var delay = interval
        lostInterval = nil
        guard event_add(event, &delay) != 0 else { return }
        if repeats { lostInterval = interval }
        runSoon()
    }

    /// Runs the action in this very pass of the loop, after the callbacks that wait already.
    package func runSoon() { event_active(event, Int32(EV_TIMEOUT), 0) }

    /// Disarms the timer; nothing happens where it is not armed.
    package func cancel() {
        lostInterval = nil
        event_del(event)
    }
}

extension timeval {
    /// Rounds towards zero, to microseconds; a negative duration is zero.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .zero).components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
