import Testing

/// An empty line on an idle connection counted as the beginning of a request.
@Suite("An empty line begins no request", .timeLimit(.minutes(10)))
struct EmptyLineTests {
    private static let lines = ["\r\n", "\r\n\r\n"]

    /// A connection that has sent empty lines and nothing behind it.
    private func idleConnection(
        _ line: String,
        behindRequest: Bool,
        to server: ServerProcess
    ) throws -> WireClient {
        let wire = try WireClient(server.endpoint)
        try wire.send((behindRequest ? RawRequest.get("key") : "") + line)
        if behindRequest { try wire.readResponse().expect(.missing) }
        #expect(try ReceiveQueues(of: server.endpoint).waitUntilEmpty(butFor: 0))
        return wire
    }

    @Test(
        "It ends silently at the idle timeout, with no 408 after the request timeout",
        arguments: lines,
        [false, true]
    )
    func idle(line: String, behindRequest: Bool) throws {
        let server = try ServerProcess.main(
            ["KVS_REQUEST_TIMEOUT": "300ms", "KVS_IDLE_TIMEOUT": "1s"]
        )
        let wire = try idleConnection(line, behindRequest: behindRequest, to: server)
        #expect(try wire.readUntilEnd() == ([], .closed))
    }

    @Test("A stop does not wait for it", arguments: lines, [false, true])
    func stop(line: String, behindRequest: Bool) throws {
        let server = try ServerProcess.main(["KVS_SHUTDOWN_TIMEOUT": "300s"])
        let wire = try idleConnection(line, behindRequest: behindRequest, to: server)
        server.terminate()
        #expect(server.waitForExit(timeout: .seconds(10)) == .exited(0))
        #expect(try wire.readUntilEnd().bytes == [])
    }

    @Test("A request behind it is served", arguments: lines)
    func request(line: String) throws {
        let server = try ServerProcess.main()
        let wire = try idleConnection(line, behindRequest: true, to: server)
        try wire.exchange(RawRequest.get("key")).expect(.missing)
    }
}
