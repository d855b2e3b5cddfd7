import Testing

/// A reply that was ready waited for one behind it that was not.
@Suite("A reply that is ready waits for none behind it", .timeLimit(.minutes(10)))
struct ReadyReplyTests {
    @Test("A GET behind it that the main does not answer yet", arguments: [1, 10])
    func unansweredRead(count: Int) throws {
        let isReleased = Locked(false)
        let main = try ScriptedMain { _, connection in
            _ = eventually(within: .seconds(60)) { isReleased.withLock { $0 } }
            return connection.write(ScriptedMain.reply(body: ExpectedReply.value("bart").body))
        }
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let live = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
        let wire = try WireClient(forwarder.endpoint)
        try wire.send(String(repeating: live, count: count) + RawRequest.get("key") + live)
        for _ in 0..<count { #expect(try wire.readResponse().status == 200) }
        try waitUntil("the main is asked") { main.requests.count == 1 }
        #expect(!isReleased.withLock { $0 })
        isReleased.withLock { $0 = true }
        try wire.readResponse().expect(.value("bart"))
        #expect(try wire.readResponse().status == 200)
    }

    @Test("Half a body behind it", arguments: [Deployment.direct, .viaForwarder(1)])
    func halfBody(_ deployment: Deployment) throws {
        let server = try ServerUnderTest(deployment)
        let wire = try server.wire()
        let put = RawRequest.put("key", "bart")
        try wire.send(RawRequest.get("key") + put.dropLast(2))
        try wire.readResponse().expect(.missing)
        try wire.send(String(put.suffix(2)))
        try wire.readResponse().expect(.created)
    }

    @Test("Half a large body behind it", arguments: [Deployment.direct, .viaForwarder(1)])
    func halfLargeBody(_ deployment: Deployment) throws {
        let server = try ServerUnderTest(deployment)
        let wire = try server.wire()
        let put = RawRequest.put("key", Pattern.bytes(count: 1_572_864))
        try wire.send(Array(RawRequest.get("key").utf8) + put.prefix(800_000))
        try wire.readResponse().expect(.missing)
        try wire.send(put.dropFirst(800_000))
        try wire.readResponse().expect(.created)
    }
}
