import Testing

/// What browsers, caches and tools want to know beside the contract.
@Suite("Details of HTTP", .sharedServers, .timeLimit(.minutes(10)))
struct DetailTests {
    @Test("OPTIONS says what a path takes, without a body", arguments: Deployment.all)
    func options(deployment: Deployment) throws {
        let server = try ServerUnderTest.shared(deployment)
        let wire = try server.wire()
        let all = "GET, HEAD, PUT, DELETE, OPTIONS"
        let reads = "GET, HEAD, OPTIONS"
        let targets = [
            ("/kvs/key", all), ("/kvs/", all), ("*", all), ("http://a", all), ("/livez", reads),
            ("/readyz", reads),
            ("/metrics", reads),
        ]
        for (target, allowed) in targets {
            let reply = try wire.exchange("OPTIONS \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(reply.status == 204 && reply[header: "Allow"] == allowed, "\(target)")
            #expect(reply[header: "Content-Length"] == nil)
            #expect(reply[header: "Content-Type"] == nil)
        }
        let unknown = try wire.exchange("OPTIONS /none HTTP/1.1\r\nHost: a\r\n\r\n")
        unknown.expectError(404)
    }

    @Test("A forwarder says it without its main")
    func optionsAlone() throws {
        let forwarder = try ServerProcess(["ISMAIN": "False", "MAINIP": "127.0.0.1:1"])
        #expect(try HTTPClient(forwarder.endpoint).send("OPTIONS", "/kvs/a").status == 204)
    }

    @Test("Nobody keeps a reply, or takes it for something else", arguments: Deployment.all)
    func safeguards(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        var replies = [
            try client.put(key, "x"), try client.get(key), try client.head(key),
            try client.get(key, headers: ["Accept: application/octet-stream"]),
            try client.delete(key), try client.get(key), try client.send("GET", "/livez"),
            try client.send("GET", "/metrics"), try client.send("POST", "/kvs/a"),
            try client.send("OPTIONS", "/kvs/a"),
        ]
        let endpoint = try ServerUnderTest.shared(deployment).endpoint
        replies.append(try WireClient(endpoint).exchange("GET / HTTP/1.1\r\n\r\n"))
        for reply in replies {
            #expect(reply[header: "Cache-Control"] == "no-store", "\(reply)")
            #expect(reply[header: "X-Content-Type-Options"] == "nosniff", "\(reply)")
        }
    }
}
