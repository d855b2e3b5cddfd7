import Testing

/// Heads that the main took were answered 431 through forwarders, which add fields of their own.
@Suite("Room for relayed heads", .timeLimit(.minutes(10)), .sharedServers)
struct RelayedHeadRoomTests {
    private static let deployments: [Deployment] = [.direct, .viaForwarder(1), .viaForwarder(3)]

    /// A head without its empty line, of exactly so many fields.
    private static func head(_ requestLine: String, _ fields: [String], count: Int) -> String {
        let more = (fields.count..<count).map { "X\($0):" }
        return ([requestLine] + fields + more).joined(separator: "\r\n") + "\r\n"
    }

    /// The same, with its empty line, filled up to so many bytes.
    private static func filled(_ head: String, bytes: Int) -> String {
        // A CRLF is one character.
        head.dropLast() + String(repeating: "v", count: bytes - head.utf8.count - 2) + "\r\n\r\n"
    }

    @Test("128 fields are served, whatever a forwarder has to add", arguments: deployments)
    func mostFields(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let get = "GET /kvs/\(key) HTTP/1.1"
        for request in [
            Self.head(get, ["Host: x"], count: 128),
            Self.head("GET /kvs/\(key) HTTP/1.0", [], count: 128),
            Self.head("GET /kvs/\(key) HTTP/1.0", ["Connection: keep-alive"], count: 128),
            Self.head(get, ["Host: x", "Via: 1.1 a", "X-Forwarded-For: 10.1.2.3"], count: 128),
        ] {
            try server.wire().exchange(request + "\r\n").expect(.missing)
        }
        let put = Self.head("PUT /kvs/\(key) HTTP/1.1", ["Host: x"], count: 128)
        try server.wire().exchange(put + "\r\n").expectError(400, mentioning: "no value")
        let old = Self.head("PUT /kvs/\(key) HTTP/1.0", [], count: 128)
        try server.wire().exchange(old + "\r\n").expectError(400, mentioning: "no value")
    }

    @Test("A head of 16,384 bytes is served, wherever its bytes are", arguments: deployments)
    func longest(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let get = "GET /kvs/\(uniqueKey()) HTTP/1.1"
        let fields = [
            Self.head(get, ["Host: x", "X: "], count: 2),
            // Without spaces behind the colons, which a forwarder writes.
            Self.head(get, ["Host: x"], count: 128),
            Self.head("GET /kvs/\(uniqueKey()) HTTP/1.0", [], count: 128),
            // A list that a forwarder makes longer.
            Self.head(get, ["Host: x", "Via: 1.1 "], count: 2),
            Self.head(get, ["Host: x", "X-Forwarded-For: "], count: 2),
        ]
        for head in fields {
            let request = Self.filled(head, bytes: 16_384)
            #expect(request.utf8.count == 16_384)
            try server.wire().exchange(request).expect(.missing)
            // Behind a Via there is more room.
            if !head.contains("Via") {
                try server.wire().exchange(Self.filled(head, bytes: 16_385)).expectError(431)
            }
        }
    }
}
