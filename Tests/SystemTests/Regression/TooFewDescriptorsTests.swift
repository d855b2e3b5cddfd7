import Testing

/// With too few descriptors the program crashed, or said "ready" and served nobody.
@Suite("Too few descriptors", .timeLimit(.minutes(10)))
struct TooFewDescriptorsTests {
    @Test("Each start ends with 71 and one line, or serves and stops", arguments: ["1", "2", "16"])
    func each(threads: String) throws {
        let limits = [8, 12, 16, 18, 20, 22, 23, 24, 28, 33, 40, 64, 96, 97, 98, 100, 128]
        var served: [Int] = []
        for limit in limits {
            let script = "for n in {3..255}; do eval \"exec $n>&-\"; done; exec \"$@\""
            let wrapper = ["bash", "-c", script, "bash", "prlimit", "--nofile=\(limit)"]
            do {
                let server = try ServerProcess(["KVS_THREADS": threads], wrapper: wrapper)
                try HTTPClient(server.endpoint).put("key", "bart").expect(.created)
                server.terminate()
                #expect(server.waitForExit() == .exited(0), "\(limit) descriptors")
                served.append(limit)
            } catch let refused as ServerProcess.NotStarted {
                #expect(refused.status == .exited(71), "\(limit) descriptors")
                #expect(refused.standardError.contains("ulimit -n"))
                #expect(refused.standardError.split(separator: "\n").count == 1)
            }
        }
        // Enough for each of them, and too few for any.
        #expect(served.contains(128) && !served.contains(8))
    }
}
