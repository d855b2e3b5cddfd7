import Testing

/// After more pipelined requests than one turn takes, the connection kept the deadline of a request
/// while it was idle.
@Suite("Between two requests the idle timeout counts", .timeLimit(.minutes(10)))
struct DeadlineAfterPipelineTests {
    private static let counts = [1, 65, 200]

    /// A connection on which so many requests, sent at once, have been answered.
    private func pipeline(
        _ count: Int,
        to server: ServerProcess,
        then rest: String = "",
        timeout: Duration = .seconds(10)
    ) throws -> WireClient {
        let wire = try WireClient(server.endpoint, timeout: timeout)
        try wire.send(String(repeating: RawRequest.get("key"), count: count) + rest)
        for _ in 0..<count { try wire.readResponse().expect(.missing) }
        return wire
    }

    @Test("A short idle timeout ends it, however long a request may take", arguments: counts)
    func shortIdle(count: Int) throws {
        let server = try ServerProcess.main(
            ["KVS_IDLE_TIMEOUT": "600ms", "KVS_REQUEST_TIMEOUT": "60s"]
        )
        #expect(try pipeline(count, to: server).readUntilEnd() == ([], .closed))
    }

    @Test("A long idle timeout keeps it, however short a request must be", arguments: counts)
    func longIdle(count: Int) throws {
        let server = try ServerProcess.main(
            ["KVS_IDLE_TIMEOUT": "60s", "KVS_REQUEST_TIMEOUT": "500ms"]
        )
        let wire = try pipeline(count, to: server, timeout: .milliseconds(1500))
        #expect(throws: WireError.timedOut) { try wire.awaitBytes() }
        try wire.exchange(RawRequest.get("key")).expect(.missing)
    }

    @Test("Half a request behind them is ended by the request timeout", arguments: counts)
    func halfRequest(count: Int) throws {
        let server = try ServerProcess.main(
            ["KVS_IDLE_TIMEOUT": "60s", "KVS_REQUEST_TIMEOUT": "500ms"]
        )
        let wire = try pipeline(count, to: server, then: "GET /kvs/key HTTP/1.1\r\nHo")
        #expect(try wire.readResponse().status == 408)
        #expect(try wire.readUntilEnd().bytes == [])
    }
}
