import Testing

/// Under some limits of the address space the start ended by a signal: the runtime had too little.
@Suite(
    "Too little memory to begin with",
    .enabled(if: !ServerProcess.isSanitized, "sanitizers map terabytes"),
    .timeLimit(.minutes(10))
)
struct TooLittleMemoryTests {
    @Test("Each start ends with 71 and one line, or serves and stops", arguments: ["as", "data"])
    func each(limit: String) throws {
        var served = 0
        for mebibytes in stride(from: limit == "as" ? 96 : 8, through: 320, by: 6) {
            let wrapper = ["prlimit", "--\(limit)=\(mebibytes << 20)"]
            do {
                let server = try ServerProcess(["KVS_THREADS": "2"], wrapper: wrapper)
                let status = try HTTPClient(server.endpoint).put("key", "bart").status
                #expect([201, 503, 507].contains(status), "\(mebibytes) MiB")
                server.terminate()
                #expect(server.waitForExit() == .exited(0), "\(mebibytes) MiB")
                served += 1
            } catch let refused as ServerProcess.NotStarted {
                // 127: the dynamic linker had too little.
                let isTold = [.exited(71), .exited(127)].contains(refused.status)
                #expect(isTold, "\(mebibytes) MiB: \(refused)")
                #expect(refused.standardError.split(separator: "\n").count == 1)
            }
        }
        #expect(served > 0)
    }
}
