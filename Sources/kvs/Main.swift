import Dispatch
import Glibc

/// Where the program begins: on one thread, before Dispatch and Swift's concurrency have made any.
@main
enum Main {
    static func main() {
        switch CommandLine.arguments.dropFirst().first {
        case "health", "check":
            // They need nothing of what a server needs, and must work where there is little left.
            runAlone()
        case "put", "get", "delete":
            // Signals end them.
            break
        default:
            StopSignals.install()
        }
        StartChecks.run()
        Task {
            await Program.main(nil)
            exit(0)
        }
        dispatchMain()
    }

    /// Runs a command without any other thread.
    private static func runAlone() -> Never {
        StartChecks.openStandardStreams()
        do {
            var command = try Program.parseAsRoot()
            try command.run()
            exit(0)
        } catch {
            Program.exit(withError: error)
        }
    }
}
