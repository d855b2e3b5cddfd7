import Testing

/// Memory for clients that do not read, and for bodies under way, was unbounded: what a slow reader
/// had of a value that was replaced meanwhile, what a forwarder held of replies, and of bodies that
/// were complete, was not counted.
@Suite("What is held for clients is bounded", .serialized, .timeLimit(.minutes(10)))
struct UnboundedRepliesTests {
    /// Its JSON form has six bytes for each of its own.
    private static func largest(_ byte: UInt8) -> [UInt8] {
        [UInt8](repeating: byte, count: 1_572_864)
    }

    @Test("Unread replies of a value that is replaced again and again")
    func replacedValues() throws {
        let server = try ServerProcess.main(
            ["KVS_MAX_MEMORY": "16M", "KVS_MAX_BUFFERED": "16M", "KVS_REQUEST_TIMEOUT": "300s"]
        )
        let client = HTTPClient(server.endpoint)
        let before = try server.residentBytes()
        try put(1, client).expect(.created)
        var readers: [(wire: WireClient, byte: UInt8)] = []
        var present: UInt8 = 1
        for number in 0..<40 {
            let wire = try WireClient(server.endpoint, receiveBufferBytes: 4096)
            try wire.send(RawRequest.get("large"))
            try awaitBytesOrEnd(wire)
            readers.append((wire, present))
            let next = UInt8(number % 6 + 2)
            let reply = try put(next, client)
            if reply.status == 200 {
                present = next
            } else {
                #expect([503, 507].contains(reply.status), "\(reply.text)")
            }
            try expectSmallRequests(client, "small\(number)")
        }
        // Offered: 40 × 9 MiB. Allowed: the store's 16 and the buffers' 16; as much again is left for
        // what the allocator keeps and for the value that is being put.
        try expectGrowth(of: server, since: before, below: 64 << 20)
        for (wire, byte) in readers { expectWholeOrRefused(wire, byte) }
        readers = []
        try expectNormal(server, client)
    }

    @Test("Unread replies in a forwarder")
    func relayedReplies() throws {
        let main = try ServerProcess.main()
        try put(1, HTTPClient(main.endpoint)).expect(.created)
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_MAX_BUFFERED": "16M", "KVS_REQUEST_TIMEOUT": "300s"]
        )
        let client = HTTPClient(forwarder.endpoint)
        try expectSmallRequests(client, "first")
        let before = try forwarder.residentBytes()
        var readers = try (0..<60).map { _ in
            let wire = try WireClient(forwarder.endpoint, receiveBufferBytes: 4096)
            try wire.send(RawRequest.get("large"))
            return wire
        }
        for wire in readers { try awaitBytesOrEnd(wire) }
        try expectSmallRequests(client, "second")
        try expectGrowth(of: forwarder, since: before, below: 64 << 20)
        for wire in readers { expectWholeOrRefused(wire, 1) }
        readers = []
        try expectNormal(forwarder, client)
    }

    @Test("Bodies in a forwarder whose main is stopped")
    func relayedBodies() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_MAX_BUFFERED": "8M", "KVS_FORWARD_TIMEOUT": "3s"]
        )
        let client = HTTPClient(forwarder.endpoint)
        try expectSmallRequests(client, "first")
        let before = try forwarder.residentBytes()
        main.pause()
        try main.waitUntilPaused()
        let writers = try (0..<60).map { number in
            let wire = try WireClient(forwarder.endpoint)
            // Who is refused may be cut while it still sends.
            try? wire.send(RawRequest.put("key\(number)", Self.largest(0x61)))
            return wire
        }
        var refused = 0
        for wire in writers {
            guard let reply = try? wire.readResponse() else {
                refused += 1
                continue
            }
            if reply.status == 503 {
                refused += 1
                reply.expectError(503)
            } else {
                reply.expect(.unavailable)
                #expect(reply[header: "KVS-Outcome"] != nil)
            }
        }
        #expect(refused > 0)
        // Offered: 90 MiB. Allowed: 8, what the sockets lend, and what the allocator keeps.
        try expectGrowth(of: forwarder, since: before, below: 40 << 20)
        main.resume()
        try forwarder.waitUntilReady()
        try expectNormal(forwarder, client)
    }

    // MARK: -

    private func put(_ byte: UInt8, _ client: HTTPClient) throws -> WireResponse {
        try client.put("large", body: Self.largest(byte), contentType: "text/plain")
    }

    /// Waits for the beginning of a reply, or for the end that stands for one.
    private func awaitBytesOrEnd(_ wire: WireClient) throws {
        do {
            try wire.awaitBytes()
        } catch WireError.closed, WireError.reset {}
    }

    private func expectSmallRequests(_ client: HTTPClient, _ key: String) throws {
        try client.put(key, "bart").expect(.created)
        try client.get(key).expect(.value("bart"))
    }

    private func expectGrowth(of server: ServerProcess, since before: Int, below limit: Int) throws
    {
        guard !ServerProcess.isSanitized else { return }
        let growth = try server.peakResidentBytes() - before
        #expect(growth < limit, "\(growth >> 20) MiB")
    }

    /// Expects the value, a refusal, or a connection that was cut within the reply; never a success
    /// with something else.
    private func expectWholeOrRefused(_ wire: WireClient, _ byte: UInt8) {
        guard let reply = try? wire.readResponse() else { return }
        if reply.status == 503 {
            reply.expectError(503)
        } else {
            reply.expect(value: Self.largest(byte))
        }
    }

    /// Expects that the largest values come and go again.
    private func expectNormal(_ server: ServerProcess, _ client: HTTPClient) throws {
        try waitUntil("the largest value is taken") {
            [200, 201].contains(try put(9, client).status)
        }
        try client.get("large").expect(value: Self.largest(9))
        #expect(server.exitStatus == nil)
        #expect(server.standardError == "")
    }
}
