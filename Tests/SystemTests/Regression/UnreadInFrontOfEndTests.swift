import TestSupport
import Testing

/// A client that had sent more than was read, and its end behind it, was reset after its last reply: a
/// socket that is closed with unread bytes resets, and what is on its way is lost. Found by the simulation
/// of a server's connections.
@Suite("Unread bytes in front of a client's end", .timeLimit(.minutes(10)))
struct UnreadInFrontOfEndTests {
    @Test("The last reply is followed by the end of the stream, not by a reset")
    func lastReply() throws {
        let isReleased = Locked(false)
        let body = String(repeating: "b", count: 100_000)
        let main = try ScriptedMain { _, connection in
            _ = eventually(within: .seconds(60)) { isReleased.withLock { $0 } }
            // More than the client's window: the rest waits in the forwarder's kernel.
            return connection.write(ScriptedMain.reply(body: body))
        }
        defer { isReleased.withLock { $0 = true } }
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_THREADS": "1", "KVS_FORWARD_TIMEOUT": "20s"]
        )
        let client = try WireClient(forwarder.endpoint, receiveBufferBytes: 4096)
        try client.send("GET /kvs/key HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(eventually(within: .seconds(10)) { !main.requests.isEmpty })
        try client.send(String(repeating: "x", count: 20_000))
        client.halfClose()
        #expect(try ReceiveQueues(of: forwarder.endpoint).waitUntilHalfClosed())
        // The forwarder's only loop has heard of the end before it hears of the reply.
        #expect(try HTTPClient(forwarder.endpoint).send("GET", "/livez").status == 200)
        isReleased.withLock { $0 = true }
        #expect(try client.readResponse().body == Array(body.utf8))
        #expect(try client.readUntilEnd() == ([], .closed))
    }
}
