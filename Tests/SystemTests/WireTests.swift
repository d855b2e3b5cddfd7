import Testing

/// Requests as bytes: however they are cut, packed and versioned, the answers are the same.
///
/// One loop per instance: once a request on another connection is answered, an instance has seen
/// whatever came before it.
@Suite("Wire", .sharedServers(["KVS_THREADS": "1"]), .timeLimit(.minutes(10)))
struct WireTests {
    @Test("1,000 requests in one write are answered in order", arguments: Deployment.all)
    func pipelining(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let keys = (0..<7).map { _ in uniqueKey() }
        var stored: [String: Int] = [:]
        var requests = ""
        var expected: [ExpectedReply] = []
        for number in 0..<1000 {
            let key = keys[number % keys.count]
            switch number % 5 {
            case 0, 1:
                let body = "val=\(number)"
                requests += "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\n"
                requests += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                expected.append(
                    stored.updateValue(number, forKey: key) == nil ? .created : .replaced
                )
            case 4:
                requests += RawRequest.delete(key)
                expected.append(stored.removeValue(forKey: key) == nil ? .missing : .deleted)
            default:
                requests += "GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n"
                expected.append(stored[key].map { .value("\($0)") } ?? .missing)
            }
        }
        try wire.send(requests)
        for reply in expected {
            try wire.readResponse().expect(reply)
        }
        #expect(wire.unread.isEmpty)
    }

    @Test("pipelined GETs of large values are answered whole", arguments: Deployment.all)
    func pipelinedLargeValues(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let value = Pattern.bytes(count: 200_000)
        let client = server.client()
        try client.put(key, body: value, contentType: "text/plain").expect(.created)
        let wire = try server.wire()
        let request = "GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n"
        let octets = "\(request)Accept: application/octet-stream\r\n\r\n"
        try wire.send(String(repeating: "\(octets)\(request)\r\n", count: 15))
        for _ in 0..<15 {
            try wire.readResponse().expect(octets: value)
            try wire.readResponse().expect(value: value)
        }
    }

    @Test("requests that come byte by byte are answered", arguments: Deployment.all)
    func byteByByte(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let key = uniqueKey()
        for (request, reply) in exchanges(key: key) {
            for byte in request.utf8 {
                try wire.send([byte])
            }
            check(try wire.readResponse(toHead: reply == nil), reply)
        }
    }

    @Test("requests that are split at any position are answered", arguments: Deployment.all)
    func split(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let other = server.client()
        let wire = try server.wire()
        for (index, (request, _)) in exchanges(key: key).enumerated() {
            for position in 1..<request.utf8.count {
                for (current, (request, reply)) in exchanges(key: key).enumerated() {
                    let bytes = Array(request.utf8)
                    if current == index {
                        try wire.send(bytes[..<position])
                        try other.get("other").expect(.missing)
                        try wire.send(bytes[position...])
                    } else {
                        try wire.send(bytes)
                    }
                    check(try wire.readResponse(toHead: reply == nil), reply)
                }
            }
        }
    }

    /// One request of each kind with its reply (nil for HEAD), from and to a key that is missing.
    private func exchanges(key: String) -> [(request: String, reply: ExpectedReply?)] {
        let put = "PUT /kvs/\(key) HTTP/1.1\r\nHost: x\r\n"
        return [
            ("\(put)Content-Length: 8\r\n\r\nval=bart", .created),
            (
                "\(put)Transfer-Encoding: chunked\r\n\r\n5\r\nval=l\r\n3\r\nisa\r\n0\r\n\r\n",
                .replaced
            ),
            ("GET /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n", .value("lisa")),
            ("HEAD /kvs/\(key) HTTP/1.1\r\nHost: x\r\n\r\n", nil),
            ("DELETE /kvs/\(key) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxy", .deleted),
        ]
    }

    private func check(_ response: WireResponse, _ reply: ExpectedReply?) {
        if let reply {
            response.expect(reply)
        } else {
            #expect(response.status == 200)
        }
    }

    @Test("HTTP/1.0: the connection closes after the reply", arguments: Deployment.all)
    func http10(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        let requests: [(String, ExpectedReply)] = [
            ("PUT /kvs/\(key) HTTP/1.0\r\nContent-Length: 8\r\n\r\nval=bart", .created),
            ("GET /kvs/\(key) HTTP/1.0\r\n\r\n", .value("bart")),
            ("GET /kvs/\(key) HTTP/1.0\r\nHost: x\r\nConnection: close\r\n\r\n", .value("bart")),
            ("DELETE /kvs/\(key) HTTP/1.0\r\n\r\n", .deleted),
        ]
        for (request, reply) in requests {
            let wire = try server.wire()
            try wire.exchange(request).expect(reply)
            #expect(try wire.readUntilEnd() == ([], .closed))
        }
    }

    @Test("HTTP/1.0 with keep-alive: the connection stays", arguments: Deployment.all)
    func http10KeepAlive(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let key = uniqueKey()
        let head = "HTTP/1.0\r\nConnection: keep-alive\r\n"
        for round in 0..<5 {
            let put = try wire.exchange(
                "PUT /kvs/\(key) \(head)Content-Length: 5\r\n\r\nval=\(round)"
            )
            put.expect(round == 0 ? .created : .replaced)
            let get = try wire.exchange("GET /kvs/\(key) \(head)\r\n")
            get.expect(.value("\(round)"))
            #expect(get[header: "Connection"]?.lowercased() == "keep-alive")
            #expect(get[header: "Transfer-Encoding"] == nil)
        }
        try wire.exchange("GET /kvs/\(key) HTTP/1.0\r\n\r\n").expect(.value("4"))
        #expect(try wire.readUntilEnd() == ([], .closed))
    }

    @Test("HTTP/1.1 with close: the connection closes after the reply", arguments: Deployment.all)
    func close(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        for value in ["close", "Close"] {
            let wire = try server.wire()
            let request =
                "GET /kvs/\(uniqueKey()) HTTP/1.1\r\nHost: x\r\nConnection: \(value)\r\n\r\n"
            let reply = try wire.exchange(request)
            reply.expect(.missing)
            #expect(reply.isLast)
            #expect(try wire.readUntilEnd() == ([], .closed))
        }
    }

    @Test("a connection serves 2,000 requests one after another", arguments: Deployment.all)
    func keepAlive(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let request = "GET /kvs/\(uniqueKey()) HTTP/1.1\r\nHost: x\r\n\r\n"
        for _ in 0..<2000 {
            try wire.exchange(request).expect(.missing)
        }
    }
}
