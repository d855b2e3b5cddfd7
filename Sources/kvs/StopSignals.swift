import Glibc
import KVSServer
import Synchronization

/// SIGTERM and SIGINT: the first begins the graceful stop, the second ends the program at once.
///
/// A thread that is there from the start waits for them. ServiceLifecycle's own way needs a new thread
/// when the signal comes, and where there is no memory for one the program could not be stopped.
enum StopSignals {
    /// Up by one with each signal.
    private static let arrivals: Semaphore = Semaphore()
    private static let last = Atomic<Int32>(0)

    private struct Semaphore: @unchecked Sendable {
        // Safe: sem_post(3) and sem_wait(3) may be called by any thread, and the first by handlers.
        let pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        init() { sem_init(pointer, 0, 0) }
    }

    /// From now on, calls `stop` on a thread of its own when the first one comes. Call it once.
    ///
    /// - Throws: ``SystemError`` where the system has no thread left.
    static func handle(_ stop: @escaping @Sendable () -> Void) throws(SystemError) {
        // Made now: a signal handler must not.
        let arrivals = arrivals
        try BackgroundThread.startDetached {
            wait(for: arrivals)
            MemoryBallast.stopping.drop()
            stop()
            wait(for: arrivals)
            _exit(128 + last.load(ordering: .relaxed))
        }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { StopSignals.note($0) }
        action.sa_flags = SA_RESTART
        sigaction(SIGTERM, &action, nil)
        sigaction(SIGINT, &action, nil)
    }

    private static func wait(for arrivals: Semaphore) {
        while sem_wait(arrivals.pointer) != 0 && errno == EINTR {}
    }

    /// Runs as a signal handler: nothing but what signal-safety(7) allows.
    private static func note(_ signal: Int32) {
        last.store(signal, ordering: .relaxed)
        sem_post(arrivals.pointer)
    }
}
