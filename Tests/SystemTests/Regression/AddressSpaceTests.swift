import Testing

/// Memory that ends for real: from about the 150th value on, PUTs were answered 201 and GETs gave 0 bytes,
/// and small ones ended the program.
@Suite("An address space that is full", .timeLimit(.minutes(10)))
struct AddressSpaceTests {
    @Test(
        "PUTs are refused with 507, and what was acknowledged stays",
        arguments: [1_400_000, 50_000, 3_000]
    )
    func full(_ size: Int) throws {
        let server = try server(leaving: 64 << 20)
        let wire = try WireClient(server.endpoint)
        let (acknowledged, refused) = try fill(wire, with: size, atMost: (512 << 20) / size)
        #expect(refused == 20)
        #expect(acknowledged.count * size > 16 << 20)
        for key in acknowledged.enumerated().filter({ $0.offset % 16 == 0 }).map(\.element) {
            let reply = try wire.exchange(RawRequest.get(key))
            #expect(reply.status == 200)
            let isSame = try reply.json().valueBytes == value(of: key, size)
            #expect(isSame, "\(key)")
        }
        let first = try #require(acknowledged.first)
        #expect(try wire.exchange(RawRequest.delete(first)).status == 200)
        try stop(server)
    }

    /// The allocator's own reserve was made when it was wanted for the first time, and a signal needed a new
    /// thread: both ended the program.
    @Test("Clients that come then and do not read end nothing", arguments: ["1", "3"])
    func crowd(threads: String) throws {
        let server = try server(leaving: 48 << 20, threads: threads)
        let wire = try WireClient(server.endpoint)
        let (large, _) = try fill(wire, with: 50_000, atMost: 10_000)
        // And what those have left between them.
        for size in [20_000, 8_000, 3_000, 1_000, 300] {
            _ = try fill(wire, with: size, atMost: 3_000)
        }
        // More than may come in at once, and each takes 50 KB in JSON; who is refused has lost nothing.
        let crowd = (0..<120).compactMap { _ in try? WireClient(server.endpoint) }
        for (client, key) in zip(crowd, large) {
            try? client.send(RawRequest.get(key))
        }
        for key in large.prefix(4) {
            #expect(try wire.exchange(RawRequest.delete(key)).status == 200)
        }
        try stop(server)
        withExtendedLifetime(crowd) {}
    }

    /// Parts of heads and of bodies were kept without a question, down to the last byte.
    @Test(
        "Clients that begin and do not go on end nothing",
        arguments: [
            "GET /kvs/a HTTP/1.1\r\nX: ",
            "PUT /kvs/a HTTP/1.1\r\nHost: a\r\nContent-Length: 16000\r\n\r\n",
            "PUT /kvs/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e80\r\n",
        ]
    )
    func pieces(_ beginning: String) throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1", "KVS_MAX_BUFFERED": "128M"])
        let crowd = try (0..<600).map { _ in try WireClient(server.endpoint) }
        let wire = try WireClient(server.endpoint)
        #expect(try wire.exchange(RawRequest.get("a")).status == 404)
        try limit(server, leaving: 1 << 20)
        _ = try fill(wire, with: 30_000, atMost: 10_000)
        for (number, client) in crowd.enumerated() {
            let count = number < 60 ? 15_000 : number < 160 ? 3_000 : number < 300 ? 800 : 150
            try? client.send(Array(beginning.utf8) + [UInt8](repeating: 0x68, count: count))
        }
        // All of it has been read before this is answered.
        #expect(try wire.exchange(RawRequest.get("a")).status == 404)
        for client in crowd { client.reset() }
        #expect(try wire.exchange(RawRequest.get("a")).status == 404)
        try stop(server)
    }

    private func server(leaving bytes: Int, threads: String = "1") throws -> ServerProcess {
        let server = try ServerProcess.main(["KVS_THREADS": threads])
        try limit(server, leaving: bytes)
        return server
    }

    private func limit(_ server: ServerProcess, leaving bytes: Int) throws {
        let limit = try server.addressSpaceBytes() + bytes
        let prlimit = try ChildProcess(
            ["prlimit", "--pid", "\(server.pid)", "--as=\(limit):"],
            environment: ServerProcess.environment(adding: [:])
        )
        try #require(prlimit.waitForExit() == .exited(0), "\(prlimit.standardError)")
    }

    /// Stores values of `size` bytes until 20 are refused, or `count` are stored.
    private func fill(
        _ wire: WireClient,
        with size: Int,
        atMost count: Int
    ) throws -> (acknowledged: [String], refused: Int) {
        var acknowledged: [String] = []
        var refused = 0
        while refused < 20, acknowledged.count < count {
            let key = "size\(size)_\(acknowledged.count + refused)"
            let reply = try wire.exchange(RawRequest.put(key, value(of: key, size)))
            switch reply.status {
            case 201: acknowledged.append(key)
            case 507: refused += 1
            default: Issue.record("a PUT is answered \(reply.status): \(reply.text)")
            }
        }
        return (acknowledged, refused)
    }

    private func value(of key: String, _ size: Int) -> [UInt8] {
        let sum = key.utf8.reduce(0) { $0 &* 31 &+ Int($1) }
        return [UInt8](repeating: UInt8(0x20 + sum & 63), count: size)
    }

    private func stop(_ server: ServerProcess) throws {
        server.terminate()
        let end = server.waitForExit()
        #expect(end == .exited(0), "\(server.standardError)")
    }
}
