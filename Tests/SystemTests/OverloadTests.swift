import Glibc
import Testing

/// Clients that together ask for more than there is: the server's memory, descriptors and CPU time
/// stay bounded, and good clients are served.
@Suite("Overload", .serialized, .timeLimit(.minutes(10)))
struct OverloadTests {
    private static let get = "GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("With few descriptors it waits for a free one, without spinning, and recovers")
    func fewDescriptors() throws {
        let server = try ServerProcess(wrapper: ["prlimit", "--nofile=64"])
        var clients = try (0..<200).map { _ in try WireClient(server.endpoint) }
        // Some are let in; the others wait in the kernel's queue.
        let open = try server.openDescriptorCount()
        let before = try server.cpuTime()
        let span = Duration.seconds(1)
        let end = ContinuousClock.now + span
        while ContinuousClock.now < end { usleep(10_000) }
        // A loop that spins uses all of a core, or of what other programs leave of it.
        #expect(try server.cpuTime() - before < span / 5)
        clients.removeAll()
        let client = HTTPClient(server.endpoint)
        try client.put("key", "bart").expect(.created)
        try client.get("key").expect(.value("bart"))
        #expect(try eventually { try server.openDescriptorCount() < open })
        #expect(server.standardError == "")
    }

    @Test("Half-sent bodies take no more memory than they may, and go when their clients go")
    func halfSentBodies() throws {
        let server = try ServerProcess.main(["KVS_MAX_BUFFERED": "16M"])
        try HTTPClient(server.endpoint).put("key", "bart").expect(.created)
        let before = try server.residentBytes()
        let head = "PUT /kvs/large HTTP/1.1\r\nHost: x\r\nContent-Length: 4194304\r\n\r\n"
        let half = [UInt8](repeating: 0x61, count: 2 << 20)
        var clients: [WireClient] = []
        for _ in 0..<100 {
            let client = try WireClient(server.endpoint)
            try client.send(head)
            // Those that are refused are read on for a while, but not kept.
            try? client.send(half)
            clients.append(client)
        }
        // Of a large body it is woken up for pieces of 256 KiB.
        #expect(try ReceiveQueues(of: server.endpoint).waitUntilEmpty(butFor: 262_144))
        // Offered: 200 MiB. Allowed: 16, what they leave free of it in pieces, and the sockets' share.
        // A sanitizer keeps for a while what is freed.
        if !ServerProcess.isSanitized {
            #expect(try server.residentBytes() - before < 64 << 20)
        }
        try HTTPClient(server.endpoint).get("key").expect(.value("bart"))
        clients.removeAll()
        let large = [UInt8](repeating: 0x62, count: 1 << 20)
        #expect(
            try eventually {
                try HTTPClient(server.endpoint)
                    .put("other", body: large, contentType: "text/plain").status < 300
            }
        )
    }

    @Test("A connection that pipelines without end lets others have their turns")
    func fairness() throws {
        let server = try ServerProcess.main(["KVS_THREADS": "1"])
        let flood = try WireClient(server.endpoint)
        let other = try WireClient(server.endpoint)
        for client in [flood, other] { try client.exchange(Self.get).expect(.missing) }
        // Stopped, it finds both connections ready at once when it goes on, the flood first.
        server.pause()
        let count = 3000
        try flood.send(String(repeating: Self.get, count: count))
        try other.send(
            "PUT /kvs/key HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nval=bart"
        )
        server.resume()
        for _ in 1..<count { _ = try flood.readResponse() }
        // The write has been done in between.
        try flood.readResponse().expect(.value("bart"))
        try other.readResponse().expect(.created)
    }
}
