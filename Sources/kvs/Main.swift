import Dispatch
import Glibc

/// Where the program begins: on one thread, before Dispatch and Swift's concurrency have made any.
@main
enum Main {
    static func main() {
        // It needs nothing of what a server needs, and must work where there is little left.
        if CommandLine.arguments.dropFirst().first == "health" {
            Health.runAlone()
        }
        StopSignals.install()
        StartChecks.run()
        Task {
            await Program.main(nil)
            exit(0)
        }
        dispatchMain()
    }
}
