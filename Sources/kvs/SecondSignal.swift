import Glibc
import ServiceLifecycle
import UnixSignals

/// Ends the program at once when a second SIGTERM or SIGINT comes during a graceful stop.
///
/// ServiceLifecycle takes the first one and ignores the others. It must be the first of the services:
/// they are stopped in reverse order, so that it listens until the server has stopped.
struct SecondSignal: Service {
    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        var isFirst = true
        for await signal in signals.cancelOnGracefulShutdown() {
            if isFirst {
                isFirst = false
            } else {
                _exit(128 + (signal == .sigint ? SIGINT : SIGTERM))
            }
        }
    }
}
