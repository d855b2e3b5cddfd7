import Glibc
import Synchronization

/// SIGINT and SIGTERM of a check: it stops soon, and takes its keys away before that.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    static var hasCome: Bool { flag.load(ordering: .relaxed) }

    /// From now on the first signal is noted, and the next one ends the program.
    static func install() {
        // Made now: a signal handler must not.
        _ = hasCome
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in Interruption.note() }
        // No SA_RESTART: a read that waits ends.
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
    }

    /// Runs as a signal handler: nothing but what signal-safety(7) allows.
    private static func note() { flag.store(true, ordering: .relaxed) }
}
