import Glibc
import ServiceLifecycle

/// Ends the program at once when a second SIGTERM or SIGINT comes during a graceful stop.
///
/// ServiceLifecycle takes the first one and ignores the others.
struct SecondSignal: Service {
    func run() async throws {
        // Cancellation ends the wait as well.
        try? await gracefulShutdown()
        for number in [SIGTERM, SIGINT] {
            // A handler, not the default action: process 1 of a container has none.
            signal(number) { number in _exit(128 + number) }
        }
    }
}
