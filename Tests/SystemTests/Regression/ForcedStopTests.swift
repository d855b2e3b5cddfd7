import Testing

/// A stop that could wait no longer made new connections to the main, for the requests that its own
/// failing of the first ones had let in.
@Suite("A forced stop begins nothing", .timeLimit(.minutes(10)))
struct ForcedStopTests {
    @Test("No connection to the main is made after the stop began, and the status is 0")
    func newConnections() throws {
        let main = try ScriptedMain { _, connection in
            connection.waitUntilClosed()
            return false
        }
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            [
                "KVS_THREADS": "1", "KVS_FORWARD_CONNECTIONS": "1", "KVS_SHUTDOWN_TIMEOUT": "300ms",
                "KVS_FORWARD_TIMEOUT": "50s", "KVS_REQUEST_TIMEOUT": "60s",
            ]
        )
        let clients = try (0..<8).map { number in
            let wire = try WireClient(forwarder.endpoint)
            let keys = (0..<5).map { "key\(number)_\($0)" }
            try wire.send(keys.map(RawRequest.get).joined())
            return wire
        }
        #expect(try ReceiveQueues(of: forwarder.endpoint).waitUntilEmpty(butFor: 0))
        try waitUntil("the main has one") { main.requests.count == 1 }
        let before = main.connectionCount
        forwarder.terminate()
        #expect(forwarder.waitForExit() == .exited(0))
        #expect(forwarder.standardError == "")
        // Connections are accepted in order: this one is behind all of the forwarder's.
        #expect(try HTTPClient(main.endpoint).send("GET", "/livez").status == 200)
        #expect(main.connectionCount == before + 1)
        #expect(main.requests.count == 1)
        #expect(!forwarder.standardOutput.contains("dropped"))
        // Each has been told something whole, or nothing.
        for wire in clients {
            while let reply = try? wire.readResponse() { reply.expect(.unavailable) }
            #expect(wire.unread.isEmpty)
        }
    }
}
