import Basics
import Glibc
import KVSServer
import Synchronization

/// SIGTERM and SIGINT: the first begins the graceful stop, the second ends the program at once.
///
/// A thread that is there from the start waits for them. ServiceLifecycle's own way needs a new thread
/// when the signal comes, and where there is no memory for one the program could not be stopped.
enum StopSignals {
    /// Up by one with each signal.
    private static let arrivals = Semaphore()
    private static let last = Atomic<Int32>(0)

    /// From now on, signals are counted and end nothing: they wait for ``handle(within:_:)``.
    static func install() {
        // Made now: a signal handler must not.
        _ = arrivals
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { StopSignals.note($0) }
        action.sa_flags = SA_RESTART
        sigaction(SIGTERM, &action, nil)
        sigaction(SIGINT, &action, nil)
    }

    /// Calls `stop` on a thread of its own when the first one comes, or has come. Call it once.
    ///
    /// - Parameter time: Where the program has not ended by then, it ends with status 71: no thread that a
    ///   stop needs may be to be had any more.
    /// - Throws: ``SystemError`` where the system has no thread left.
    static func handle(
        within time: Duration,
        _ stop: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let arrivals = arrivals
        try BackgroundThread.startDetached {
            arrivals.wait()
            MemoryBallast.stopping.drop()
            stop()
            guard arrivals.wait(atMost: time) else {
                Program.end(.system, "the stop has not ended within \(time)")
            }
            _exit(128 + last.load(ordering: .relaxed))
        }
    }

    /// Runs as a signal handler: nothing but what signal-safety(7) allows.
    private static func note(_ signal: Int32) {
        last.store(signal, ordering: .relaxed)
        arrivals.post()
    }
}
