import ArgumentParser
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
        case "put", "get", "delete", "list", "export", "import":
            // Signals end them, but for a reader of stdout that goes: behind a write that is to be said.
            Output.takeBrokenPipes()
            StartChecks.refuseClosedStreams()
        default:
            StopSignals.install()
        }
        StartChecks.run()
        Task {
            do {
                var command = try Program.parseAsRoot()
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            } catch {
                Program.end(withError: error)
            }
            exit(0)
        }
        dispatchMain()
    }

    /// Runs a command without any other thread.
    private static func runAlone() -> Never {
        Output.takeBrokenPipes()
        StartChecks.refuseClosedStreams()
        do {
            var command = try Program.parseAsRoot()
            try command.run()
            exit(0)
        } catch {
            Program.end(withError: error)
        }
    }
}
