import Basics
import Glibc
import KVSServer

/// What must be there before Dispatch and Swift's concurrency begin: without it they end the process by a
/// signal, or wait for ever, and say nothing.
enum StartChecks {
    /// Ends the program with status 71 and one line where something is missing. Call it first of all, on
    /// the main thread.
    static func run() {
        // Swift reads the command line from proc(5): without it all options would be passed over.
        guard CommandLine.argc > 0 else {
            Program.end(.system, "cannot read the command line in /proc/self/cmdline: mount /proc")
        }
        openStandardStreams()
        checkOpenFiles()
        Heap.shareUnderAddressLimit()
        checkMemory()
        checkThreads()
    }

    /// A number below 3 that is closed would be the next socket's: the log would be written to a client. Of a
    /// server it becomes one that takes all and holds nothing.
    private static func openStandardStreams() { openStandardStreams { _ in O_RDWR } }

    /// The same for who takes a value from stdin, or has a result for stdout: what was closed stays of no use,
    /// and each call fails (EBADF).
    static func refuseClosedStreams() {
        openStandardStreams { $0 == STDIN_FILENO ? O_WRONLY : O_RDONLY }
    }

    private static func openStandardStreams(_ mode: (_ descriptor: Int32) -> Int32) {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest number that is free is this one.
            guard open("/dev/null", mode(descriptor)) == descriptor else {
                Program.end(
                    .system,
                    "descriptor \(descriptor) is closed, and there is no /dev/null"
                )
            }
        }
    }

    /// Dispatch's epoll, eventfd and timerfd, and one to find out whether all went well.
    private static func checkOpenFiles() {
        let limit = OpenFileLimit.raise()
        let needed = OpenFileLimit.openCount(below: min(limit, 1024)) + 4
        guard limit >= needed else {
            Program.end(
                .system,
                "\(limit) open files are allowed, and more than \(needed) are needed: "
                    + "raise the limit (ulimit -n)"
            )
        }
    }

    /// 64 MiB of addresses: what the runtime takes without asking until ``KVSServer`` knows how many loops
    /// there are, and looks for what these need.
    private static func checkMemory() {
        let bytes = 64 << 20
        guard MemoryBallast.canHold(bytes: bytes) else {
            Program.end(
                .system,
                "there are no \(bytes >> 20)M of memory to begin with: raise the limit "
                    + "(ulimit -v, ulimit -d)"
            )
        }
    }

    /// Two workers, Dispatch's manager and one of ours, all at once.
    private static func checkThreads() {
        do throws(SystemError) {
            try BackgroundThread.check(for: 4)
        } catch {
            Program.end(.system, "cannot start threads: \(error)\(error.adviceAboutThreads)")
        }
    }
}
