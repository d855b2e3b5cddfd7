import Testing

/// What each client, and all together, may take.
@Suite("Limits", .timeLimit(.minutes(10)))
struct LimitTests {
    private static let get = "GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Sends `start`, and then `piece` again and again, ten times a second, until something comes back.
    private func drip(_ piece: String, after start: String, to server: ServerProcess) throws
        -> WireClient
    {
        let wire = try WireClient(server.endpoint, timeout: .milliseconds(100))
        try wire.send(start)
        for _ in 0..<200 {
            do {
                try wire.awaitBytes()
                return wire
            } catch WireError.timedOut {
                try wire.send(piece)
            }
        }
        Issue.record("200 pieces were taken, and the deadline of 1 s was never enforced")
        return wire
    }

    @Test(
        "A request that comes too slowly is refused, whatever its rhythm",
        arguments: [
            ("GET /kvs/k", "e"),
            ("GET /kvs/key HTTP/1.1\r\nHost: x\r\n", "X: y\r\n"),
            ("PUT /kvs/key HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", "v"),
            (
                "PUT /kvs/key HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
                "1\r\nv\r\n"
            ),
        ]
    )
    func slowRequest(start: String, piece: String) throws {
        let server = try ServerProcess.main(["KVS_REQUEST_TIMEOUT": "1s"])
        let wire = try drip(piece, after: start, to: server)
        #expect(try wire.readResponse().status == 408)
        #expect(try wire.readUntilEnd().bytes == [])
    }

    @Test("A reader that is too slow for a large value is cut")
    func slowReader() throws {
        let server = try ServerProcess.main(["KVS_REQUEST_TIMEOUT": "3s"])
        let before = try server.openDescriptorCount()
        let value = Pattern.bytes(count: 1_572_864)
        let client = HTTPClient(server.endpoint)
        try client.put("key", body: value, contentType: "text/plain").expect(.created)
        client.disconnect()
        #expect(try eventually { try server.openDescriptorCount() <= before })
        let slow = try WireClient(server.endpoint, receiveBufferBytes: 4096)
        // More than the sockets' buffers take.
        try slow.send(String(repeating: Self.get, count: 8))
        try slow.awaitBytes()
        #expect(try server.openDescriptorCount() > before)
        #expect(try eventually { try server.openDescriptorCount() <= before })
    }

    @Test("An idle connection is closed without a word")
    func idle() throws {
        let server = try ServerProcess.main(["KVS_IDLE_TIMEOUT": "300ms"])
        let wire = try WireClient(server.endpoint)
        try wire.exchange(Self.get).expect(.missing)
        #expect(try wire.readUntilEnd() == ([], .closed))
    }

    @Test("Above the memory limit writes answer 507 and change nothing; reads and deletes go on")
    func memory() throws {
        let server = try ServerProcess.main(["KVS_MAX_MEMORY": "1M"])
        let client = HTTPClient(server.endpoint)
        let value = [UInt8](repeating: 0x61, count: 100_000)
        var count = 0
        var full: WireResponse?
        while full == nil, count < 100 {
            let reply = try client.put("key\(count)", body: value, contentType: "text/plain")
            if reply.status == 201 { count += 1 } else { full = reply }
        }
        #expect((5...10).contains(count))
        #expect(full?.status == 507)
        #expect(
            full.map { String(decoding: $0.body, as: UTF8.self) }?.contains("out of memory") == true
        )
        let larger = [UInt8](repeating: 0x62, count: 200_000)
        #expect(try client.put("key0", body: larger, contentType: "text/plain").status == 507)
        for number in 0..<count {
            try client.get("key\(number)", headers: ["Accept: application/octet-stream"])
                .expect(octets: value)
        }
        try client.get("key\(count)").expect(.missing)
        #expect(try client.delete("key0").status == 200)
        #expect(try client.put("other", body: value, contentType: "text/plain").status == 201)
    }

    @Test("Bodies that would pass the limit of buffered bytes are answered 503; others go on")
    func buffered() throws {
        // One loop: two would find at the same moment that there is no room, for both.
        let server = try ServerProcess.main(["KVS_MAX_BUFFERED": "8M", "KVS_THREADS": "1"])
        let head = "PUT /kvs/key HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
        let begun = Array((head + "val=").utf8) + [UInt8](repeating: 0x61, count: 3_900_000 - 4)
        // There is room for two of the three, whichever the server's loops read first.
        var waiting = try (0..<3).map { _ in
            try WireClient(server.endpoint, timeout: .seconds(1))
        }
        for wire in waiting { try wire.send(begun) }
        var refusal: WireResponse?
        let isRefused = try eventually {
            for (index, wire) in waiting.enumerated() {
                do {
                    refusal = try wire.readResponse()
                    waiting.remove(at: index)
                    return true
                } catch WireError.timedOut {
                    continue
                }
            }
            return false
        }
        #expect(isRefused && refusal?.status == 503)
        // Small bodies have their share.
        try HTTPClient(server.endpoint).put("small", "value").expect(.created)
        for wire in waiting {
            try wire.send([UInt8](repeating: 0x61, count: 100_000))
            #expect(eventually { (try? wire.readResponse().status) == 413 })
        }
    }

    @Test("Above the limit of connections clients wait until one is free")
    func connections() throws {
        let server = try ServerProcess.main(["KVS_MAX_CONNECTIONS": "2", "KVS_THREADS": "1"])
        let first = try WireClient(server.endpoint)
        let second = try WireClient(server.endpoint)
        for wire in [first, second] { try wire.exchange(Self.get).expect(.missing) }
        let third = try WireClient(server.endpoint, timeout: .milliseconds(300))
        try third.send(Self.get)
        #expect(throws: WireError.timedOut) { try third.awaitBytes() }
        first.reset()
        let fourth = try WireClient(server.endpoint)
        let isServed = try eventually {
            do {
                try third.awaitBytes()
                return true
            } catch WireError.timedOut {
                return false
            }
        }
        #expect(isServed)
        try third.readResponse().expect(.missing)
        second.reset()
        try fourth.exchange(Self.get).expect(.missing)
    }

    @Test("The limit of open files is raised to what the system allows")
    func openFiles() throws {
        let server = try ServerProcess(wrapper: ["prlimit", "--nofile=64:4096"])
        let clients = try (0..<200).map { _ in try WireClient(server.endpoint) }
        for client in clients { try client.exchange(Self.get).expect(.missing) }
        #expect(try server.openDescriptorCount() > 200)
    }
}
