import Glibc

/// The process group of every process that the tests start.
///
/// Its leader is a shell that waits for the end of a pipe whose other end only this process holds, and
/// then kills the group. So no server outlives the tests, whichever way they end: by a crash, by a
/// signal, or with servers that are shared by a suite and never go out of scope.
struct ProcessGroup: Sendable {
    /// The group, made on first use. The error is kept: without a group no process is started.
    static let shared = Result<ProcessGroup, SystemCallError> { () throws(SystemCallError) in
        try ProcessGroup()
    }

    let id: pid_t

    private init() throws(SystemCallError) {
        let pipe = try StreamPair()
        id = try Spawn(
            arguments: ["/bin/sh", "-c", "read -r _; kill -KILL 0"],
            environment: [:],
            standardInput: pipe.read,
            group: 0
        ).run()
        close(pipe.read)
        // The writing end stays open for as long as this process lives.
    }
}
