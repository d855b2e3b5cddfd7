import Testing

/// The part replaced the whole value (RFC 9110 §14.5).
@Suite("A PUT of a part", .sharedServers)
struct PartialContentTests {
    @Test("It is refused with 400, and the value stays", arguments: Deployment.all)
    func contentRange(_ deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        try server.client().put(key, "whole").expect(.created)
        let wire = try server.wire()
        let head = "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
        for range in ["bytes 0-3/5", "bytes */5", "lines 1-2/3", ""] {
            let reply = try wire.exchange(
                "\(head)Content-Range: \(range)\r\nContent-Length: 4\r\n\r\npart"
            )
            reply.expectError(400, mentioning: "Content-Range")
            #expect(!reply.isLast)
        }
        try server.client().get(key).expect(.value("whole"))
    }
}
