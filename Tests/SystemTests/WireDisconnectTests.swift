import Glibc
import Testing

/// Clients that read slowly, stop sending, or are gone before their reply.
@Suite("Wire: slow and vanishing clients", .sharedServers, .timeLimit(.minutes(10)))
struct WireDisconnectTests {
    private static let octets = "Accept: application/octet-stream"

    @Test(
        "a slow reader gets whole values, also while others replace them",
        arguments: Deployment.all
    )
    func slowReader(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let value = Pattern.bytes(count: 1_572_864)
        let client = server.client()
        try client.put(key, body: value, contentType: "text/plain").expect(.created)
        // More than a socket's send buffer takes: some of it waits in the server.
        let count = 6
        let slow = try WireClient(server.endpoint, receiveBufferBytes: 4096)
        let get = "GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\(Self.octets)\r\n\r\n"
        try slow.send(String(repeating: get, count: count))
        try slow.awaitBytes()
        for round in 0..<50 {
            try client.put(key, "v\(round)").expect(.replaced)
            try client.get(key).expect(.value("v\(round)"))
        }
        var isReplaced = false
        for index in 0..<count {
            let head = try slow.read(through: Array("\r\n\r\n".utf8)).dropLast(4)
            let length = try WireResponse(parsingHead: head)[header: "Content-Length"]
            let byteCount = try #require(length.flatMap { Int($0) })
            var body: [UInt8] = []
            while body.count < byteCount {
                body += try slow.readSome(atMost: min(3000, byteCount - body.count))
            }
            if body != value {
                isReplaced = true
            }
            #expect(!isReplaced || (index > 0 && body.starts(with: "v".utf8) && body.count < 4))
        }
        #expect(slow.unread.isEmpty)
    }

    @Test("a half-closed connection still gets the whole reply", arguments: Deployment.all)
    func halfClose(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let value = Pattern.bytes(count: 1_572_864)
        let put = try server.wire()
        try put.send("PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n")
        try put.send("Content-Length: \(value.count)\r\n\r\n")
        try put.send(value)
        put.halfClose()
        try put.readResponse().expect(.created)
        #expect(try put.readUntilEnd() == ([], .closed))

        let get = try server.wire()
        try get.send("GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\(Self.octets)\r\n\r\n")
        get.halfClose()
        try get.readResponse().expect(octets: value)
        #expect(try get.readUntilEnd() == ([], .closed))
    }

    @Test("pipelined requests before a half-close are all answered", arguments: Deployment.all)
    func halfClosePipelined(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let request = "GET /kvs/\(uniqueKey()) HTTP/1.1\r\nHost: x\r\n\r\n"
        try wire.send(String(repeating: request, count: 100))
        wire.halfClose()
        for _ in 0..<100 {
            try wire.readResponse().expect(.missing)
        }
        #expect(try wire.readUntilEnd() == ([], .closed))
    }

    @Test(
        "a request that breaks off does nothing",
        arguments: Deployment.all,
        [
            "", "P", "PUT /kvs/KEY", "PUT /kvs/KEY HTTP/1.1\r\n",
            "PUT /kvs/KEY HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n",
            "PUT /kvs/KEY HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n",
            "PUT /kvs/KEY HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nval=bar",
        ]
    )
    func brokenOff(deployment: Deployment, template: String) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let request = template.replacing("KEY", with: key)
        let halfClosed = try server.wire()
        try halfClosed.send(request)
        halfClosed.halfClose()
        _ = try halfClosed.readUntilEnd()
        for end in [{ (_: WireClient) in }, { $0.reset() }] {
            let wire = try server.wire()
            try wire.send(request)
            end(wire)
        }
        try server.client().get(key).expect(.missing)
    }

    @Test("clients that vanish before their reply harm nobody", arguments: Deployment.all)
    func vanishing(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let large = uniqueKey()
        let client = server.client()
        let value = Pattern.bytes(count: 1_572_864)
        try client.put(large, body: value, contentType: "text/plain").expect(.created)
        let requests = [
            "GET /kvs/\(large) HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n",
            "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nval=bart",
            RawRequest.delete(key),
        ]
        for round in 0..<100 {
            let wire = try server.wire()
            let request = requests[round % requests.count]
            try wire.send(String(repeating: request, count: 1 + round % 3))
            if round % 2 == 0 {
                wire.reset()
            }
        }
        let reply = try client.get(large, headers: [Self.octets])
        reply.expect(octets: value)
        #expect(server.processes.allSatisfy { $0.exitStatus == nil })
    }

    /// Awaits the condition, for the server learns of a closed connection in its own time.
    @Test("connections that end leave no file descriptor behind")
    func descriptors() throws {
        let server = try ServerUnderTest(.direct)
        let process = try #require(server.processes.first)
        let client = server.client()
        try client.get("key").expect(.missing)
        let before = try process.openDescriptorCount()
        var others = try (0..<100).map { _ in try server.wire() }
        for (index, wire) in others.enumerated() {
            try wire.exchange("GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n").expect(.missing)
            if index % 3 == 0 {
                try wire.send("GET /kvs/key HTTP/1.1\r\nHo")
            }
            if index % 2 == 0 {
                wire.reset()
            }
        }
        #expect(try process.openDescriptorCount() >= before + 50)
        others = []
        let isBack = try eventually {
            try client.get("key").expect(.missing)
            return try process.openDescriptorCount() <= before
        }
        #expect(isBack)
        server.stop()
    }

    /// Stopped meanwhile, the server learns of the bytes and of the reset at once.
    @Test(
        "a reset right behind bytes leaves no file descriptor behind",
        arguments: ["GET /kvs/key HTTP/1.1\r\nHo", "GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n"]
    )
    func resetBehindBytes(bytes: String) throws {
        let server = try ServerUnderTest(.direct)
        let process = try #require(server.processes.first)
        let client = server.client()
        try client.get("key").expect(.missing)
        let before = try process.openDescriptorCount()
        let others = try (0..<10).map { _ in try server.wire() }
        for wire in others {
            try wire.exchange("GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n").expect(.missing)
        }
        process.pause()
        for wire in others {
            try wire.send(bytes)
            wire.reset()
        }
        process.resume()
        let isBack = try eventually {
            try client.get("key").expect(.missing)
            return try process.openDescriptorCount() <= before
        }
        #expect(isBack)
        server.stop()
    }
}
