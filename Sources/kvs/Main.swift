import Dispatch
import Glibc

/// Where the program begins: on one thread, before Dispatch and Swift's concurrency have made any.
@main
enum Main {
    static func main() {
        StartChecks.run()
        Task {
            await Program.main(nil)
            exit(0)
        }
        dispatchMain()
    }
}
