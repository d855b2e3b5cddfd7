import Testing

/// The limit of connections was divided among the loops, while the kernel divides connections by
/// chance: of 40 clients 34 to 39 were served.
@Suite("The limit of connections is the process's", .timeLimit(.minutes(10)))
struct ConnectionLimitTests {
    @Test("As many clients as are allowed are served together; one more waits", arguments: [4, 8])
    func all(threads: Int) throws {
        let count = 40
        let server = try ServerProcess.main(
            ["KVS_MAX_CONNECTIONS": "\(count)", "KVS_THREADS": "\(threads)"]
        )
        for _ in 0..<3 {
            var clients = try (0..<count).map { _ in
                try WireClient(server.endpoint, timeout: .seconds(3))
            }
            for client in clients { try client.send(RawRequest.get("key")) }
            var served = 0
            for client in clients where (try? client.readResponse().status) == 404 { served += 1 }
            try #require(served == count)
            let further = try WireClient(server.endpoint, timeout: .milliseconds(300))
            try further.send(RawRequest.get("key"))
            #expect(throws: WireError.timedOut) { try further.awaitBytes() }
            clients.removeFirst()
            let isServed = try eventually {
                do {
                    try further.awaitBytes()
                    return true
                } catch WireError.timedOut {
                    return false
                }
            }
            #expect(isServed)
            try further.readResponse().expect(.missing)
            // Those that were there before have kept their places.
            for client in clients { try client.exchange(RawRequest.get("key")).expect(.missing) }
        }
    }
}
