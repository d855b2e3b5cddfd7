import Testing

/// Without /proc, from which Swift reads the command line, all options were ignored.
@Suite("Without /proc", .timeLimit(.minutes(10)))
struct WithoutProcTests {
    @Test("The start ends with one line and 71")
    func withoutProc() throws {
        let command = [
            "unshare", "-m", "sh", "-c", "mount -t tmpfs none /proc && exec \"$@\" || exit 99",
            "sh",
        ]
        let child = try ChildProcess(
            command + [try ServerProcess.Program.kvs.path(), "--port", "0", "--ip", "127.0.0.1"],
            environment: ServerProcess.environment(adding: [:])
        )
        let status = child.waitForExit()
        guard status != .exited(99), status != .exited(1) else {
            print("not tried: no mount namespace here: \(child.standardError)")
            return
        }
        #expect(status == .exited(71))
        #expect(child.standardError.hasPrefix("kvs: error: cannot read the command line"))
        #expect(child.standardError.split(separator: "\n").count == 1)
    }
}
