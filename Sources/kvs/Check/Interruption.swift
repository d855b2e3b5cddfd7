import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP of a check: it stops soon, and takes its keys away before that.
enum Interruption {
    /// How long a call may still wait once a signal has come.
    static let moment = Duration.seconds(2)

    private static let count = Atomic<Int>(0)
    private static let first = Atomic<Int32>(0)

    static var hasCome: Bool { count.load(ordering: .relaxed) > 0 }

    /// Whether a second one has come: nothing is waited for any more.
    static var isUrgent: Bool { count.load(ordering: .relaxed) > 1 }

    /// What a shell says of a process that the first signal has ended.
    static var exitStatus: Int32 { 128 + first.load(ordering: .relaxed) }

    /// From now on the first two signals are noted, and the next one ends the program. One that is ignored
    /// stays so: nohup(1), jobs in the background.
    static func install() {
        // Made now: a signal handler must not.
        _ = (hasCome, exitStatus)
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            var present = sigaction()
            sigaction(signal, nil, &present)
            // SIG_IGN is the address 1; functions cannot be compared.
            let address = unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self)
            guard address != 1 else { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { Interruption.note($0) }
            // No SA_RESTART: a call that waits ends.
            sigaction(signal, &action, nil)
        }
    }

    /// Runs as a signal handler: nothing but what signal-safety(7) allows.
    private static func note(_ signal: Int32) {
        let (before, _) = count.add(1, ordering: .relaxed)
        if before == 0 { first.store(signal, ordering: .relaxed) }
        guard before > 0 else { return }
        var action = sigaction()
        // No loop over a list: that would take memory.
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        sigaction(SIGHUP, &action, nil)
    }
}
