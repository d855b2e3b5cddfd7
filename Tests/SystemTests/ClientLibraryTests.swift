import EventLoops
import KVSClient
import TestSupport
import Testing

/// The client library, against the program.
@Suite("KVSClient", .timeLimit(.minutes(5)))
struct ClientLibraryTests {
    private static func client(
        _ endpoint: Endpoint,
        timeout: Duration = .seconds(20),
        connections: Int = 8
    ) throws -> KVSClient {
        var settings = KVSClient.Settings()
        settings.timeout = timeout
        settings.connections = connections
        return try KVSClient("http://\(endpoint)", settings)
    }

    @Test("Values of any bytes come back as they were put", arguments: Deployment.all)
    func values(deployment: Deployment) async throws {
        let server = try ServerUnderTest(deployment)
        defer { server.stop() }
        let client = try Self.client(server.endpoint)
        defer { client.close() }
        let values = [
            [], [0], Array("val=x&y".utf8), Array(0...255), Pattern.bytes(count: 1_572_864),
        ]
        for value in values {
            let key = uniqueKey()
            #expect(try await client.get(key) == nil)
            #expect(try await client.delete(key) == false)
            #expect(try await client.put(key, value) == false)
            #expect(try await client.get(key) == value)
            #expect(try await client.put(key, [1, 2, 3]))
            #expect(try await client.get(key) == [1, 2, 3])
            #expect(try await client.delete(key))
            #expect(try await client.get(key) == nil)
        }
    }

    @Test("Many calls at a time share few connections, and each has its own reply")
    func manyCalls() async throws {
        let main = try ServerProcess.main()
        defer { main.kill() }
        let client = try Self.client(main.endpoint, connections: 2)
        defer { client.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let value = Array("value of \(number)".utf8)
                    try await client.put("key\(number)", value)
                    #expect(try await client.get("key\(number)") == value)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("What the server refuses is told in its own words")
    func refusals() async throws {
        let main = try ServerProcess.main()
        defer { main.kill() }
        let client = try Self.client(main.endpoint)
        defer { client.close() }
        await #expect(throws: KVSClientError.invalidKey("a/b")) { try await client.get("a/b") }
        await #expect(throws: KVSClientError.invalidKey("")) { try await client.get("") }
        let key = String(repeating: "k", count: 251)
        let long = await #expect(throws: KVSClientError.self) { try await client.get(key) }
        guard case .refused(400, let message) = long else {
            Issue.record("\(String(describing: long))")
            return
        }
        #expect(message.contains("250"))
        await #expect(throws: KVSClientError.valueTooLarge(byteCount: 1_572_865)) {
            try await client.put("large", Pattern.bytes(count: 1_572_865))
        }
        #expect(try await client.put("large", [1]) == false, "it goes on")
    }

    @Test("Nobody at the address, and a forwarder without its main, are told from absent keys")
    func unavailable() async throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        defer { forwarder.kill() }
        let direct = try Self.client(main.endpoint)
        let relayed = try Self.client(forwarder.endpoint)
        defer {
            direct.close()
            relayed.close()
        }
        #expect(try await direct.put("key", [7]) == false)
        #expect(try await relayed.get("key") == [7])
        main.kill()
        for client in [direct, relayed] {
            await #expect(throws: KVSClientError.unavailable(mayHaveActed: false)) {
                try await client.get("key")
            }
            await #expect(throws: KVSClientError.unavailable(mayHaveActed: false)) {
                try await client.put("key", [8])
            }
        }
    }

    @Test("A call has a deadline, also where a server says nothing")
    func deadline() async throws {
        let main = try ServerProcess.main()
        defer { main.kill() }
        let client = try Self.client(main.endpoint, timeout: .milliseconds(200))
        defer { client.close() }
        _ = try? await client.put("key", [1])
        main.pause()
        try main.waitUntilPaused()
        await #expect(throws: KVSClientError.timedOut) { try await client.put("key", [2]) }
        main.resume()
    }

    @Test("A write whose connection breaks may have been done, and is not sent again")
    func brokenWrite() async throws {
        let main = try ScriptedMain { _, _ in false }
        let client = try Self.client(main.endpoint)
        defer { client.close() }
        await #expect(throws: KVSClientError.unavailable(mayHaveActed: true)) {
            try await client.put("key", [1])
        }
        #expect(main.requests.count == 1)
        await #expect(throws: KVSClientError.unavailable(mayHaveActed: false)) {
            try await client.get("key")
        }
        #expect(main.requests.count == 3, "a read is asked for twice")
    }

    @Test("A host's name is looked up, and each of its addresses tried")
    func hostName() async throws {
        let main = try ServerProcess.main()
        defer { main.kill() }
        let client = try KVSClient("http://localhost:\(main.endpoint.port)")
        defer { client.close() }
        #expect(try await client.put("key", [1]) == false)
        #expect(try await client.get("key") == [1])
        let nobody = try KVSClient("http://no-such-host.invalid:8080")
        defer { nobody.close() }
        await #expect(throws: KVSClientError.unavailable(mayHaveActed: false)) {
            try await nobody.get("key")
        }
    }

    @Test("Calls that find a dead address together each try all the others", arguments: [1, 8])
    func deadAddresses(connections: Int) async throws {
        let main = try ServerProcess.main()
        defer { main.kill() }
        // Nobody listens at port 1.
        let places = [("127.0.0.2", 1), ("127.0.0.3", 1), ("127.0.0.1", main.endpoint.port)]
        let addresses = try places.map { host, port in
            try #require(SocketAddress(numericHost: host, port: UInt16(port)))
        }
        var settings = KVSClient.Settings()
        settings.connections = connections
        for _ in 0..<20 {
            let client = try KVSClient("http://kvs.invalid", settings) { _, _ in addresses }
            defer { client.close() }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        await #expect(throws: Never.self) { try await client.get("key") }
                    }
                }
            }
        }
    }

    @Test("A server that comes back is found again, by calls on kept connections as well")
    func restart() async throws {
        let first = try ServerProcess.main()
        let endpoint = first.endpoint
        let client = try Self.client(endpoint)
        defer { client.close() }
        try await client.put("key", [1])
        first.kill()
        let second = try ServerProcess.main(["PORT": "\(endpoint.port)"])
        defer { second.kill() }
        #expect(try await client.put("key", [2]) == false, "the old connection is not used")
        #expect(try await client.get("key") == [2])
    }

    @Test("A closed client fails its calls, those that wait as well")
    func closing() async throws {
        let main = try ServerProcess.main()
        defer { main.kill() }
        let client = try Self.client(main.endpoint)
        _ = try await client.get("key")
        main.pause()
        try main.waitUntilPaused()
        async let waiting = client.get("key")
        main.resume()
        client.close()
        client.close()
        await #expect(throws: KVSClientError.closed) { try await client.get("key") }
        _ = try? await waiting
    }

    @Test(
        "A URL that is none is refused",
        arguments: [
            "", "127.0.0.1:80", "https://a", "http://", "http://a/b", "http://a:0", "http://:80",
        ]
    )
    func invalidURL(url: String) {
        #expect(throws: KVSClientError.invalidURL(url)) { try KVSClient(url) }
    }

    @Test("A URL may have no port, a slash at its end, and an IPv6 address")
    func validURL() throws {
        for url in ["http://localhost", "HTTP://127.0.0.1:8080/", "http://[::1]:8080"] {
            try KVSClient(url).close()
        }
    }
}
