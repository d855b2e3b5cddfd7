import Testing

/// Keys that go by themselves, over sockets and with real time.
@Suite("A key past its time is there for nobody", .timeLimit(.minutes(2)))
struct TimeToLiveTests {
    private static let second: Int64 = 1_000_000_000
    private static let type = "Content-Type: text/plain"

    /// A main and a forwarder, and a client of each.
    private struct Scene {
        let processes: [ServerProcess]
        let clients: [HTTPClient]

        init(_ main: ServerProcess) throws {
            let forwarder = try ServerProcess.forwarder(to: main.endpoint)
            processes = [main, forwarder]
            clients = processes.map { HTTPClient($0.endpoint) }
        }
    }

    /// Asks both until the key has gone, and expects each answer to be right by the time of its PUT.
    ///
    /// - Parameters:
    ///   - put: When the PUT was called, and when it had returned.
    ///   - seconds: Its time to live.
    private static func awaitEnd(
        of key: String,
        _ put: (called: Int64, returned: Int64),
        seconds: Int64,
        _ scene: Scene
    ) throws {
        var gone = [Bool](repeating: false, count: scene.clients.count)
        try waitUntil("\(key) has gone", timeout: .seconds(20)) {
            for (place, client) in scene.clients.enumerated() {
                let called = monotonicNanoseconds()
                let reply = try client.get(key)
                let returned = monotonicNanoseconds()
                if reply.status == 200, reply.text == ExpectedReply.value(key).body {
                    try #require(called < put.returned + seconds * second, "past its time")
                    try #require(!gone.contains(true), "it had gone, and is back")
                    let left = reply[header: "KVS-TTL"].flatMap { Int64($0) } ?? 0
                    try #require((1...seconds).contains(left))
                } else {
                    reply.expect(.missing)
                    try #require(returned >= put.called + seconds * second, "gone too early")
                    gone[place] = true
                }
            }
            return !gone.contains(false)
        }
    }

    private static func put(
        _ key: String,
        seconds: Int64,
        by client: HTTPClient
    ) throws -> (called: Int64, returned: Int64) {
        let called = monotonicNanoseconds()
        let reply = try client.send(
            "PUT",
            "/kvs/\(key)?ttl=\(seconds)",
            headers: [type],
            body: Array(key.utf8)
        )
        reply.expect(.created)
        return (called, monotonicNanoseconds())
    }

    private static func keys(by client: HTTPClient) throws -> String {
        let reply = try client.send("GET", "/kvs")
        #expect(reply.status == 200)
        return reply.text
    }

    @Test("It is not served, listed, matched, replaced or deleted, at the main and at a forwarder")
    func goesForAll() throws {
        let scene = try Scene(.main())
        let asked = ["head", "match", "any", "none", "delete", "put", "last"]
        try scene.clients[0].put("stays", "x").expect(.created)
        var times: (called: Int64, returned: Int64) = (0, 0)
        // Those of one instance each, so that each change is the first; the one that is polled last.
        for key in asked {
            for (place, client) in scene.clients.enumerated() {
                times = try Self.put("\(key)\(place)", seconds: 1, by: client)
            }
        }
        for client in scene.clients {
            #expect(try Self.keys(by: client).contains("last"))
        }
        try Self.awaitEnd(of: "last\(scene.clients.count - 1)", times, seconds: 1, scene)
        let list = #"{"msg":"success","keys":["stays"]}"#
        for (place, client) in scene.clients.enumerated() {
            #expect(try Self.keys(by: client) == list)
            #expect(try client.head("head\(place)").status == 404)
            try expectNothing(in: place, client)
        }
    }

    /// Expects that conditions find nothing, and that writes find room.
    private func expectNothing(in place: Int, _ client: HTTPClient) throws {
        func put(_ key: String, _ fields: [String] = []) throws -> WireResponse {
            try client.put(
                "\(key)\(place)",
                body: Array("new".utf8),
                contentType: "text/plain",
                headers: fields
            )
        }
        let tag = entityTag(of: "match\(place)")
        for refused in [
            try put("match", ["If-Match: \(tag)"]), try put("any", ["If-Match: *"]),
        ] {
            refused.expectError(412, mentioning: "precondition failed")
            #expect(refused[header: "ETag"] == nil)
        }
        try client.get("match\(place)", headers: ["If-None-Match: \(tag)"]).expect(.missing)
        try put("none", ["If-None-Match: *"]).expect(.created)
        try put("put").expect(.created)
        try client.delete("delete\(place)").expect(.missing)
        // So that both list the same.
        for key in ["none", "put"] {
            try client.delete("\(key)\(place)").expect(.deleted)
        }
    }

    @Test("A later PUT takes the time away, or sets another")
    func anotherTime() throws {
        let scene = try Scene(.main())
        for key in ["stays", "longer", "first"] {
            _ = try Self.put(key, seconds: 1, by: scene.clients[1])
        }
        try scene.clients[1].put("stays", "stays").expect(.replaced)
        let called = monotonicNanoseconds()
        try scene.clients[1].send(
            "PUT",
            "/kvs/longer?ttl=2",
            headers: [Self.type],
            body: Array("longer".utf8)
        ).expect(.replaced)
        let longer = (called: called, returned: monotonicNanoseconds())
        try waitUntil("the first has gone") { try scene.clients[0].get("first").status == 404 }
        try Self.awaitEnd(of: "longer", longer, seconds: 2, scene)
        for client in scene.clients {
            let reply = try client.get("stays")
            reply.expect(.value("stays"))
            #expect(reply[header: "KVS-TTL"] == nil)
        }
    }

    @Test(
        "A change of the wall clock lets no key go, and keeps none",
        .enabled(if: WallClock.canBeSet, "libfaketime is not there, or the program is sanitized"),
        arguments: [-86_400, 86_400]
    )
    func wallClock(_ seconds: Int) throws {
        let clock = try WallClock()
        let scene = try Scene(clock.main())
        let before = try scene.clients[0].get("any")[header: "Date"]
        let times = try Self.put("key", seconds: 2, by: scene.clients[1])
        try clock.set(ahead: seconds)
        try waitUntil("the main has another day") {
            try scene.clients[0].get("any")[header: "Date"]?.prefix(16) != before?.prefix(16)
        }
        try Self.awaitEnd(of: "key", times, seconds: 2, scene)
        withExtendedLifetime(clock) {}
    }
}
