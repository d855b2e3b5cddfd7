import Testing

/// The stream was ended together with the 413: a client that sends its whole body before it reads (Tcl's
/// `http` on a kept connection) took that for the end of everything.
@Suite("The end of the stream after a refusal", .timeLimit(.minutes(10)))
struct DrainedRefusalTests {
    private static let length = 5_000_000
    private static let head =
        "PUT /kvs/large HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"

    /// A loop that has answered another client has done what it does for this one.
    private func settle(_ server: ServerProcess) throws {
        for _ in 0..<3 { _ = try HTTPClient(server.endpoint).send("GET", "/livez") }
    }

    @Test("It comes once the announced body has come", arguments: [true, false])
    func announced(_ isSecond: Bool) throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1"])
        let wire = try WireClient(server.endpoint)
        if isSecond { try wire.exchange(RawRequest.put("first", "x")).expect(.created) }
        var rest = Self.length
        try wire.send("\(Self.head)Content-Length: \(rest)\r\n\r\n")
        try wire.readResponse().expectError(413, mentioning: "too large")
        while rest > 0 {
            try settle(server)
            #expect(!wire.peerHasFinished, "\(rest) bytes before the end")
            let count = min(rest, 1_000_000)
            try wire.send([UInt8](repeating: 0x61, count: count))
            rest -= count
        }
        let (bytes, end) = try wire.readUntilEnd()
        #expect(bytes.isEmpty && end == .closed)
    }

    /// A client that has sent three bytes of its body and read the refusal.
    private func refused(by server: ServerProcess) throws -> WireClient {
        let wire = try WireClient(server.endpoint)
        try wire.send("\(Self.head)Content-Length: \(Self.length)\r\n\r\nabc")
        try wire.readResponse().expectError(413, mentioning: "too large")
        return wire
    }

    /// What had been read of the body was waited for once more, until the time was over.
    @Test("It comes once the body has come also where that is refused in its middle")
    func inTheMiddle() throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1", "KVS_MAX_BUFFERED": "8M"])
        func begin(_ length: Int, _ sent: Int) throws -> WireClient {
            let wire = try WireClient(server.endpoint)
            try wire.send("\(Self.head)Content-Length: \(length)\r\n\r\n")
            try settle(server)
            try wire.send([UInt8](repeating: 0x61, count: sent))
            return wire
        }
        // They leave some 38 KB of 8 MiB.
        let holders = [try begin(4_700_000, 4_650_000), try begin(3_720_000, 3_700_000)]
        #expect(try ReceiveQueues(of: server.endpoint).waitUntilEmpty(butFor: 0))
        var inTime = 0
        for _ in 0..<3 {
            // Who is refused now, and sends no more, is waited for until the time is over.
            let other = try refused(by: server)
            let wire = try begin(1_500_000, 0)
            // More than is left comes in one piece.
            server.pause()
            try wire.send([UInt8](repeating: 0x61, count: 60_000))
            server.resume()
            try wire.send([UInt8](repeating: 0x61, count: 1_440_000))
            try wire.readResponse().expectError(503)
            #expect(try wire.readUntilEnd() == ([], .closed))
            if !other.peerHasFinished { inTime += 1 }
        }
        // One may be late on a machine that has much else to do.
        #expect(inTime >= 2)
        withExtendedLifetime(holders) {}
    }

    @Test("It comes at once where the client ends first")
    func clientEnds() throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1"])
        let wire = try refused(by: server)
        wire.halfClose()
        #expect(try wire.readUntilEnd().end == .closed)
    }

    @Test("It comes after a time where the body does not")
    func bodyDoesNotCome() throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1"])
        let wire = try refused(by: server)
        #expect(try wire.readUntilEnd().end != .reset)
    }

    @Test("A malformed head, with no body that anybody knows of, is followed by the end")
    func malformed() throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1"])
        let wire = try WireClient(server.endpoint)
        try wire.exchange("GET /kvs/a b HTTP/1.1\r\n\r\n").expectError(400, mentioning: "malformed")
        #expect(try wire.readUntilEnd().end == .closed)
    }
}
