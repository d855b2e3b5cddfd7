import Testing

/// Values around the sizes where buffers, pages and the limit end.
@Suite("Wire: value sizes", .sharedServers, .timeLimit(.minutes(10)))
struct WireValueSizeTests {
    /// 1.5 MiB, the contract's limit.
    private static let maxValueBytes = 1_572_864
    private static let octets = ["Accept: application/octet-stream"]

    @Test("a value of each size, in each body form", arguments: Deployment.all, BodyForm.allCases)
    func sizes(deployment: Deployment, form: BodyForm) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let sizes = [0, 1, 4095, 4096, 4097, 16_383, 16_384, 16_385, 65_536]
        for (index, size) in (sizes + [Self.maxValueBytes - 1, Self.maxValueBytes]).enumerated() {
            let value = Pattern.bytes(count: size)
            try client.put(key, body: form.body(of: value), contentType: form.contentType)
                .expect(index == 0 ? .created : .replaced)
            try client.get(key, headers: Self.octets).expect(octets: value)
            try client.get(key).expect(value: value)
        }
        try client.delete(key).expect(.deleted)
    }

    /// The client has sent all of it before it reads: so the reply must survive the unread rest.
    @Test("one byte more answers 413", arguments: Deployment.all, BodyForm.allCases)
    func oneByteMore(deployment: Deployment, form: BodyForm) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, "old").expect(.created)
        let body = form.body(of: Pattern.bytes(count: Self.maxValueBytes + 1))
        for _ in 0..<3 {
            try client.put(key, body: body, contentType: form.contentType)
                .expectError(413, mentioning: "too large")
        }
        try client.get(key).expect(.value("old"))
    }

    @Test("percent-encoding may triple the body", arguments: Deployment.all)
    func tripled(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let type = "application/x-www-form-urlencoded"
        let longest = Array(("val=" + String(repeating: "%00", count: Self.maxValueBytes)).utf8)
        try client.put(key, body: longest, contentType: type).expect(.created)
        let zeros = [UInt8](repeating: 0, count: Self.maxValueBytes)
        try client.get(key, headers: Self.octets).expect(octets: zeros)
        try client.put(key, body: longest + Array("%00".utf8), contentType: type)
            .expectError(413, mentioning: "too large")
        try client.get(key, headers: Self.octets).expect(octets: zeros)
    }

    @Test("the largest value that leaves as base64", arguments: Deployment.all)
    func largestBinary(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        for count in Self.maxValueBytes - 2...Self.maxValueBytes {
            let value = [UInt8](repeating: 0xfe, count: count)
            let put = try client.put(key, body: value, contentType: "application/octet-stream")
            #expect(put.status == 200 || put.status == 201)
            let reply = try client.get(key)
            reply.expect(value: value)
            #expect(try reply.json().encoding == "base64")
        }
    }

    /// Bodies that are larger than any that is read: they are refused from their head alone.
    @Test("a far larger body answers 413, read to its end or not", arguments: Deployment.all)
    func farLarger(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, "old").expect(.created)
        for mebibytes in [5, 8, 16] {
            let body = [UInt8](repeating: UInt8(ascii: "x"), count: mebibytes << 20)
            try client.put(key, body: body, contentType: "text/plain")
                .expectError(413, mentioning: "too large")
        }
        try client.get(key).expect(.value("old"))
    }

    @Test("the limit holds for chunked bodies", arguments: Deployment.all)
    func chunked(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let head = "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
        let chunk = Pattern.bytes(count: 65_536)
        for extra in [0, 1, 1 << 23] {
            let wire = try server.wire()
            try wire.send("\(head)Transfer-Encoding: chunked\r\n\r\n")
            var left = Self.maxValueBytes + extra
            var body: [UInt8] = []
            while left > 0 {
                let size = min(left, chunk.count)
                body += Array("\(String(size, radix: 16))\r\n".utf8) + chunk[..<size]
                body += Array("\r\n".utf8)
                left -= size
            }
            try wire.send(body + Array("0\r\n\r\n".utf8))
            let reply = try wire.readResponse()
            if extra == 0 {
                reply.expect(.created)
            } else {
                reply.expectError(413, mentioning: "too large")
            }
        }
        let stored = (0..<Self.maxValueBytes / chunk.count).flatMap { _ in chunk }
        try server.client().get(key, headers: Self.octets).expect(octets: stored)
    }
}
