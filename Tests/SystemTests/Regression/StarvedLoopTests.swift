import Testing

/// One client that pipelined without end had its loop for itself: another's GET took 5.6 s and more.
@Suite("A flood leaves others their turns", .serialized, .timeLimit(.minutes(10)))
struct StarvedLoopTests {
    private static let large = Pattern.bytes(count: 1_572_864)

    @Test("Pipelined GETs without end")
    func smallReads() throws {
        let flood = [UInt8](String(repeating: RawRequest.get("key"), count: 2000).utf8)
        try expectTurns(beside: flood, atMostBytes: 16 << 20)
    }

    @Test("Pipelined GETs of the largest value, read as fast as they come")
    func largeReads() throws {
        let flood = [UInt8](String(repeating: RawRequest.get("large"), count: 100).utf8)
        try expectTurns(beside: flood, atMostBytes: 64 << 20)
    }

    @Test("Pipelined PUTs of the largest value")
    func largeWrites() throws {
        try expectTurns(beside: RawRequest.put("large", Self.large), atMostBytes: 64 << 20)
    }

    /// Expects that a client's GETs are answered while the flood is served.
    ///
    /// - Parameter limit: What the flood may send and be sent before an answer, on average: a moment in
    ///   which the machine leaves the client no time is no fault. A turn of the flood is a small part
    ///   of this, what the sockets' buffers hold already a larger one.
    private func expectTurns(beside piece: [UInt8], atMostBytes limit: Int) throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1"])
        let client = HTTPClient(server.endpoint)
        try client.put("key", "bart").expect(.created)
        try client.put("large", body: Self.large, contentType: "text/plain").expect(.created)
        let flood = try Flood(server.endpoint, repeating: piece)
        defer { flood.stop() }
        var served: Int { flood.sentBytes + flood.receivedBytes }
        try waitUntil("the flood runs", timeout: .seconds(60)) { served > 24 << 20 }
        let before = served
        let count = 20
        for _ in 0..<count { try client.get("key").expect(.value("bart")) }
        #expect((served - before) / count <= limit)
        #expect(flood.isRunning)
    }
}
