import Glibc
import Testing

/// Announcements of bodies, 4 KB in all, made others' PUTs fail with 503 for 30 s; and where the
/// buffers were really full, the smallest request in two pieces failed as well.
@Suite("Bodies that are not there deny nobody theirs", .timeLimit(.minutes(10)))
struct AnnouncedBodiesTests {
    private static let limits = ["KVS_MAX_BUFFERED": "8M", "KVS_REQUEST_TIMEOUT": "300s"]

    private func makeServer(_ deployment: Deployment) throws -> ServerUnderTest {
        try ServerUnderTest(deployment, Self.limits)
    }

    @Test(
        "60 heads that announce bodies, and no byte of one",
        arguments: [Deployment.direct, .viaForwarder(1)]
    )
    func announced(_ deployment: Deployment) throws {
        let server = try makeServer(deployment)
        // The smaller ones fill what the larger ones would leave.
        let lengths = [4_784_128, 1_572_864, 65_536].flatMap { repeatElement($0, count: 20) }
        let announcers = try lengths.map { length in
            let wire = try server.wire()
            try wire.send(RawRequest.putHead("announced", length: length))
            return wire
        }
        #expect(try ReceiveQueues(of: server.endpoint).waitUntilEmpty(butFor: 0))
        let client = server.client()
        try expectInPieces(RawRequest.put("small", Array("bart".utf8)), to: server)
        try client.get("small").expect(.value("bart"))
        let large = Pattern.bytes(count: 1_572_864)
        try expectInPieces(RawRequest.put("large", large), to: server)
        try client.get("large").expect(value: large)
        #expect(!announcers.contains { hasAnswer($0) })
    }

    @Test(
        "Buffers that are really full of half-sent bodies: small requests are served",
        arguments: [Deployment.direct, .viaForwarder(1)]
    )
    func full(_ deployment: Deployment) throws {
        let server = try makeServer(deployment)
        // One byte of each is missing. The smaller ones fill what the larger ones leave.
        var holders = try hold(24, bodiesOf: 512 << 10, at: server)
        holders += try hold(48, bodiesOf: 64 << 10, at: server)
        let client = server.client()
        for length in [4, 1000, 4000] {
            let value = String(repeating: "v", count: length)
            try expectInPieces(RawRequest.put("small\(length)", Array(value.utf8)), to: server)
            try client.get("small\(length)").expect(.value(value))
            #expect(try client.delete("small\(length)").status == 200)
        }
        holders = []
        let large = Pattern.bytes(count: 1_572_864)
        try waitUntil("the largest value is taken") {
            try client.put("large", body: large, contentType: "text/plain").status < 300
        }
    }

    /// Sends a PUT of a new key so that the server sees the head, and a part of the body, first.
    private func expectInPieces(
        _ request: [UInt8],
        to server: ServerUnderTest,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let wire = try server.wire()
        try wire.send(request.dropLast(2))
        #expect(try ReceiveQueues(of: server.endpoint).waitUntilEmpty(butFor: 256 << 10))
        try wire.send(request.suffix(2))
        try wire.readResponse().expect(.created, sourceLocation: sourceLocation)
    }

    /// Sends more bodies than there is room for, but for the last byte of each, and waits until some
    /// are refused and all others are read.
    private func hold(
        _ count: Int,
        bodiesOf size: Int,
        at server: ServerUnderTest
    ) throws -> [WireClient] {
        let wires = try (0..<count).map { _ in
            let wire = try server.wire()
            let body = [UInt8](repeating: 0x61, count: size)
            try? wire.send(RawRequest.put("half", body).dropLast())
            return wire
        }
        #expect(try ReceiveQueues(of: server.endpoint).waitUntilEmpty(butFor: 256 << 10))
        try waitUntil("one is refused") { wires.contains { hasAnswer($0) } }
        let refused = wires.filter { hasAnswer($0) }
        for wire in refused { try wire.readResponse().expectError(503) }
        return wires.filter { wire in !refused.contains { $0 === wire } }
    }

    private func hasAnswer(_ wire: WireClient) -> Bool {
        var polled = pollfd(fd: wire.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0
    }
}
