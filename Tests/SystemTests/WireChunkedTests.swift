import Testing

/// Bodies in chunks (RFC 9112 §7.1).
@Suite("Wire: chunked bodies", .sharedServers, .timeLimit(.minutes(10)))
struct WireChunkedTests {
    @Test(
        "however a body is cut into chunks, it is the same",
        arguments: Deployment.all,
        [
            "8\r\nval=bart\r\n0\r\n\r\n",
            "4\r\nval=\r\n4\r\nbart\r\n0\r\n\r\n",
            "1\r\nv\r\n1\r\na\r\n1\r\nl\r\n1\r\n=\r\n1\r\nb\r\n1\r\na\r\n1\r\nr\r\n1\r\nt\r\n0\r\n\r\n",
            "0008\r\nval=bart\r\n000\r\n\r\n",
        ]
    )
    func shapes(deployment: Deployment, body: String) throws {
        try check(body, deployment)
    }

    /// RFC 9112 §7.1.1: a recipient ignores the extensions that it does not know.
    @Test(
        "chunk extensions are accepted and ignored",
        arguments: Deployment.all,
        [
            "8;a=b\r\nval=bart\r\n0\r\n\r\n",
            "4;a\r\nval=\r\n4;b=\"c;d\"\r\nbart\r\n0;e=f\r\n\r\n",
            "8;a=\"\\\"\"\r\nval=bart\r\n0\r\n\r\n",
            "8 ; a = b\r\nval=bart\r\n0\r\n\r\n",
        ]
    )
    func extensions(deployment: Deployment, body: String) throws {
        try check(body, deployment)
    }

    /// RFC 9112 §7.1.2: trailer fields may be discarded.
    @Test(
        "trailers are accepted and ignored",
        arguments: Deployment.all,
        [
            "8\r\nval=bart\r\n0\r\nA: b\r\n\r\n",
            "8\r\nval=bart\r\n0\r\nA: b\r\nHost: y\r\nContent-Length: 1\r\n\r\n",
            "8\r\nval=bart\r\n0\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n",
        ]
    )
    func trailers(deployment: Deployment, body: String) throws {
        try check(body, deployment)
    }

    /// Puts twice on one connection, and reads on it: so it is in step after each body.
    private func check(_ body: String, _ deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let key = uniqueKey()
        let head = "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        try wire.exchange(head + body).expect(.created)
        try wire.exchange(head + body).expect(.replaced)
        try wire.exchange("GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n").expect(.value("bart"))
    }

    @Test("sizes in lower and upper case", arguments: Deployment.all)
    func hexadecimal(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let value = Pattern.bytes(count: 0xabc)
        for size in ["abc", "ABC", "0aBc"] {
            let key = uniqueKey()
            let wire = try server.wire()
            try wire.send("PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n")
            try wire.send("Transfer-Encoding: chunked\r\n\r\n\(size)\r\n")
            try wire.send(value)
            try wire.send("\r\n0\r\n\r\n")
            try wire.readResponse().expect(.created)
            try server.client().get(key).expect(.value(String(decoding: value, as: UTF8.self)))
        }
    }

    @Test("GET and DELETE with a chunked body stay in step", arguments: Deployment.all)
    func reads(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let path = "/kvs/\(uniqueKey())"
        let rest = "\(path) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        let body = "9\r\nGET / HTT\r\n0\r\n\r\n"
        for method in ["GET", "DELETE", "GET"] {
            try wire.exchange("\(method) \(rest)\(body)").expect(.missing)
        }
    }

    @Test("a chunked body that breaks off stores nothing", arguments: Deployment.all)
    func broken(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let head = "HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        for body in ["", "8", "8\r\n", "8\r\nval=", "8\r\nval=bart\r\n", "8\r\nval=bart\r\n0\r\n"] {
            let key = uniqueKey()
            let wire = try server.wire()
            try wire.send("PUT /kvs/\(key) \(head)\(body)")
            wire.halfClose()
            _ = try wire.readUntilEnd()
            try server.client().get(key).expect(.missing)
        }
    }
}
