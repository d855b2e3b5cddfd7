import Basics
import Glibc

/// How long the calls of one exchange may wait, all together. A signal, where ``Interruption`` takes it, leaves
/// them a moment more.
struct BoundedWait {
    /// One call waits no longer, so that no signal is missed that comes just in front of it.
    private static let step = Duration.milliseconds(100)

    private var end: ContinuousClock.Instant
    private var isShortened = false

    init(end: ContinuousClock.Instant) { self.end = end }

    /// Sets how long the socket's next call waits; what that comes to by then is EAGAIN.
    ///
    /// - Throws: EAGAIN where the time is over, EINTR where nobody wants to wait any more.
    mutating func limit(_ option: Int32, of descriptor: Int32) throws(SystemError) {
        if Interruption.isUrgent { throw SystemError("recv", errno: EINTR) }
        if Interruption.hasCome, !isShortened {
            isShortened = true
            end = min(end, .now + Interruption.moment)
        }
        let left = min(Self.step, ContinuousClock.now.duration(to: end))
        // Zero would be for ever.
        guard left > .milliseconds(1) else { throw SystemError("recv", errno: EAGAIN) }
        let microseconds = left.components.attoseconds / 1_000_000_000_000
        var time = timeval(tv_sec: 0, tv_usec: Int(microseconds))
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(descriptor, SOL_SOCKET, option, &time, size) == 0 else {
            throw SystemError("setsockopt")
        }
    }
}
