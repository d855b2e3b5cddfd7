import Basics
import Glibc
import KVSServer

/// Says on stderr, in one line, which fatal signal ends the program.
///
/// A check of Swift's that fails in a release build is an illegal instruction without a word: nobody
/// could tell it from a kill. SIGABRT is left out: whoever aborts has said why.
enum FatalSignals {
    /// Call it once, at the start. Signals that somebody handles already (a sanitizer, Swift's own
    /// backtracer) stay with them.
    static func install() {
        for signal in [SIGILL, SIGTRAP, SIGFPE, SIGBUS, SIGSEGV] {
            var present = sigaction()
            sigaction(signal, nil, &present)
            guard present.__sigaction_handler.sa_handler == nil else { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in FatalSignals.end(by: signal) }
            // The second time it ends the process, as if nobody had looked.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(signal, &action, nil)
        }
    }

    /// Runs as a signal handler: nothing but what signal-safety(7) allows.
    private static func end(by signal: Int32) {
        let line: StaticString =
            switch signal {
            case SIGILL: "kvs: error: SIGILL: a check inside the program failed; this is a bug\n"
            case SIGTRAP: "kvs: error: SIGTRAP: a check inside the program failed; this is a bug\n"
            case SIGFPE: "kvs: error: SIGFPE: impossible arithmetic; this is a bug\n"
            case SIGBUS: "kvs: error: SIGBUS: memory that cannot be had; this is a bug\n"
            default: "kvs: error: SIGSEGV: no such memory; this is a bug\n"
            }
        let bytes = UnsafeRawBufferPointer(start: line.utf8Start, count: line.utf8CodeUnitCount)
        LastWords.write(bytes, exitStatus: nil)
        // Blocked until this handler returns; then its default action, with a core dump where wanted.
        raise(signal)
    }
}
