import ContractCases
import Testing

/// The contract's calls, line by line, and what DESIGN.md adds about paths and methods.
@Suite("Contract", .sharedServers, .timeLimit(.minutes(10)))
struct ContractTests {
    @Test(
        "a line of the contract, or of what kvs promises beyond it",
        arguments: Deployment.all,
        ContractCases.contract + ContractCases.beyond
    )
    func line(deployment: Deployment, line: ContractCase) throws {
        try line.expect(of: [ServerUnderTest.shared(deployment).client()])
    }

    @Test("what one instance writes every instance reads", arguments: Deployment.all)
    func instances(deployment: Deployment) throws {
        let processes = try ServerUnderTest.shared(deployment).processes
        for line in ContractCases.together(instanceCount: processes.count) {
            try line.expect(of: processes.map { HTTPClient($0.endpoint) })
        }
    }

    @Test("what one connection writes the next one reads", arguments: Deployment.all)
    func connections(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let key = uniqueKey()
        for round in 0..<20 {
            let reply: ExpectedReply = round == 0 ? .created : .replaced
            try server.client().put(key, "v\(round)").expect(reply)
            try server.client().get(key).expect(.value("v\(round)"))
        }
    }

    @Test("the example of the contract, as curl sends it", arguments: Deployment.all)
    func curlExample(deployment: Deployment) throws {
        let wire = try ServerUnderTest.shared(deployment).wire()
        let key = uniqueKey("foo")
        let head = "Host: localhost:49160\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
        let put = """
            PUT /kvs/\(key) HTTP/1.1\r\n\(head)Content-Length: 8\r\n\
            Content-Type: application/x-www-form-urlencoded\r\n\r\nval=bart
            """
        try wire.exchange(put).expect(.created)
        try wire.exchange(put).expect(.replaced)
        try wire.exchange("GET /kvs/\(key) HTTP/1.1\r\n\(head)\r\n").expect(.value("bart"))
        try wire.exchange("DELETE /kvs/\(key) HTTP/1.1\r\n\(head)\r\n").expect(.deleted)
        try wire.exchange("DELETE /kvs/\(key) HTTP/1.1\r\n\(head)\r\n").expect(.missing)
        try wire.exchange("GET /kvs/\(key) HTTP/1.1\r\n\(head)\r\n").expect(.missing)
    }

    @Test("GET and DELETE with a body ignore it and stay in step", arguments: Deployment.all)
    func bodyOnReads(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let path = "/kvs/\(key)"
        // A body that would be another request, if it were taken for one.
        let body = Array("DELETE \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        try client.put(key, "bart").expect(.created)
        for _ in 0..<3 {
            try client.send("GET", path, body: body).expect(.value("bart"))
            try client.get(key).expect(.value("bart"))
        }
        try client.send("DELETE", path, body: Array("val=x".utf8)).expect(.deleted)
        try client.send("DELETE", path, body: Array("val=x".utf8)).expect(.missing)
        try client.send("GET", path, body: body).expect(.missing)
    }

    @Test("HEAD is GET without the body", arguments: Deployment.all)
    func head(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, "bart").expect(.created)
        for accept in ["*/*", "application/octet-stream"] {
            let get = try client.get(key, headers: ["Accept: \(accept)"])
            let head = try client.head(key, headers: ["Accept: \(accept)"])
            #expect(head.status == 200)
            #expect(head[header: "Content-Length"] == "\(get.body.count)")
            #expect(head[header: "Content-Type"] == get[header: "Content-Type"])
        }
        let missing = try client.head(uniqueKey())
        #expect(missing.status == 404)
        #expect(missing[header: "Content-Length"] == "\(ExpectedReply.missing.body.utf8.count)")
        // The connection is still in step.
        try client.get(key).expect(.value("bart"))
    }

    @Test(
        "any other method on a key answers 405 with Allow",
        arguments: Deployment.all,
        ["POST", "PATCH", "TRACE", "BREW"]
    )
    func methods(deployment: Deployment, method: String) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let bare = try client.send(method, "/kvs/\(key)")
        bare.expectError(405)
        #expect(bare[header: "Allow"] == "GET, HEAD, PUT, DELETE, OPTIONS")
        let loaded = try client.send(method, "/kvs/\(key)", body: Array("val=x".utf8))
        loaded.expectError(405)
        #expect(loaded[header: "Allow"] == "GET, HEAD, PUT, DELETE, OPTIONS")
        try client.get(key).expect(.missing)
    }

    @Test(
        "another path answers 404, and says neither text of the contract",
        arguments: Deployment.all,
        [
            "/", "/kv", "/kvsx", "/kvsx/foo", "/KVS/foo", "/foo", "/livez/x", "/index.html",
            "/a/kvs/b",
        ]
    )
    func paths(deployment: Deployment, path: String) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for method in ["GET", "DELETE"] {
            try client.send(method, path).expectError(404, mentioning: "no such path")
        }
        try client.send("PUT", path, body: Array("val=x".utf8))
            .expectError(404, mentioning: "no such path")
    }
}
