import Testing

/// `Expect: 100-continue` (RFC 9110 §10.1.1).
@Suite("Wire: Expect", .sharedServers, .timeLimit(.minutes(10)))
struct WireExpectTests {
    /// The largest body that is read, as DESIGN.md has it: 3 × 1.5 MiB + 64 KiB.
    private static let maxBodyBytes = 3 * 1_572_864 + 65_536

    @Test("100 Continue comes before the body is sent", arguments: Deployment.all)
    func expectContinue(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let key = uniqueKey()
        for (round, value) in ["100-continue", "100-Continue"].enumerated() {
            let head = "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nExpect: \(value)\r\n"
            let interim = try wire.exchange("\(head)Content-Length: 8\r\n\r\n")
            #expect(interim.status == 100)
            #expect(wire.unread.isEmpty)
            try wire.exchange("val=bart").expect(round == 0 ? .created : .replaced)
        }
        try wire.exchange("GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n").expect(.value("bart"))
    }

    @Test("100 Continue comes before a chunked body is sent", arguments: Deployment.all)
    func expectContinueChunked(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let head = "PUT /kvs/\(uniqueKey()) HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        #expect(try wire.exchange("\(head)Transfer-Encoding: chunked\r\n\r\n").status == 100)
        try wire.exchange("8\r\nval=bart\r\n0\r\n\r\n").expect(.created)
    }

    /// Java's HttpClient waits for it, and hung.
    @Test("100 Continue comes for a body of 0 bytes as well", arguments: Deployment.all)
    func emptyBody(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let head = "PUT /kvs/\(uniqueKey()) HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
        let rest = "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n"
        #expect(try wire.exchange(head + rest).status == 100)
        try wire.readResponse().expect(.created)
        try wire.exchange(head + rest.dropFirst(22)).expect(.replaced)
    }

    @Test("a value of 1.5 MiB after 100 Continue", arguments: Deployment.all)
    func largeValue(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let wire = try server.wire()
        let key = uniqueKey()
        let value = Pattern.bytes(count: 1_572_864)
        let head = "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
        let rest = "Expect: 100-continue\r\nContent-Length: \(value.count)\r\n\r\n"
        #expect(try wire.exchange(head + rest).status == 100)
        try wire.exchange(value).expect(.created)
        let octets = ["Accept: application/octet-stream"]
        try server.client().get(key, headers: octets).expect(octets: value)
    }

    @Test("a body too large is refused at once, before it is sent", arguments: Deployment.all)
    func tooLarge(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        for count in [Self.maxBodyBytes + 1, 1 << 30, 1 << 40] {
            let key = uniqueKey()
            let wire = try server.wire()
            let head = "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            let reply = try wire.exchange("\(head)Content-Length: \(count)\r\n\r\n")
            reply.expectError(413, mentioning: "too large")
            try server.client().get(key).expect(.missing)
        }
        // The largest that may carry a value, percent-encoded, is waited for.
        let wire = try server.wire()
        let head = "PUT /kvs/\(uniqueKey()) HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        let interim = try wire.exchange("\(head)Content-Length: \(Self.maxBodyBytes)\r\n\r\n")
        #expect(interim.status == 100)
    }

    @Test("a body that comes without waiting is taken", arguments: Deployment.all)
    func impatient(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let key = uniqueKey()
        let head = "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        var reply = try wire.exchange("\(head)Content-Length: 8\r\n\r\nval=bart")
        if reply.status == 100 {
            reply = try wire.readResponse()
        }
        reply.expect(.created)
        try wire.exchange("GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n").expect(.value("bart"))
    }

    @Test("a request without a body is answered without 100 Continue", arguments: Deployment.all)
    func noBody(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let head = "HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        for _ in 0..<3 {
            try wire.exchange("GET /kvs/\(uniqueKey()) \(head)\r\n").expect(.missing)
        }
    }

    /// RFC 9110 §10.1.1: a server ignores the expectation in an HTTP/1.0 request.
    @Test("HTTP/1.0 gets no 100 Continue", arguments: Deployment.all)
    func http10(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let head = "PUT /kvs/\(uniqueKey()) HTTP/1.0\r\nExpect: 100-continue\r\n"
        try wire.exchange("\(head)Content-Length: 8\r\n\r\nval=bart").expect(.created)
    }
}
