import Glibc

/// A count that threads wait for, of sem_overview(7). Any thread may use it, and
/// signal handlers may post.
package struct Semaphore: @unchecked Sendable {
    // Safe: sem_post(3), sem_wait(3) and sem_timedwait(3) may be called by any thread.
    private let pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    package init() { sem_init(pointer, 0, 0) }

    /// Nobody may use it any more.
    package func release() {
        sem_destroy(pointer)
        pointer.deallocate()
    }

    package func post() { sem_post(pointer) }

    /// - Returns: Whether it was posted within `duration`; the time in which the process is stopped counts.
    package func wait(atMost duration: Duration) -> Bool {
        let end = MonotonicTime.now + TimeSpan(duration)
        while MonotonicTime.now < end {
            // Swift's Glibc module has no sem_clockwait(3), and the clock of this one may be set: in steps.
            var step = timespec()
            clock_gettime(CLOCK_REALTIME, &step)
            step.tv_sec += 1
            if sem_timedwait(pointer, &step) == 0 { return true }
        }
        return false
    }

    package func wait() {
        while sem_wait(pointer) != 0 && errno == EINTR {}
    }
}
