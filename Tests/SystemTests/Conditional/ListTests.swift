import Testing

/// `GET /kvs`.
@Suite("Lists", .sharedServers, .timeLimit(.minutes(5)))
struct ListTests {
    @Test("All keys of a prefix are listed once, whatever the limit", arguments: Deployment.all)
    func all(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let prefix = uniqueKey("list") + "_"
        let keys = (0..<150).map { "\(prefix)\($0)" }
        #expect(try client.pages(prefix: prefix, limit: 10).allSatisfy { $0.keys.isEmpty })
        for key in keys { try client.put(key, "v").expect(.created) }
        for limit in [1, 7, 150, 10_000] {
            let pages = try client.pages(prefix: prefix, limit: limit)
            #expect(pages.allSatisfy { $0.keys.count <= limit && $0.msg == "success" })
            #expect(pages.flatMap(\.keys).sorted() == keys.sorted())
        }
        for key in keys.dropFirst(2) { try client.delete(key).expect(.deleted) }
        let left = try client.pages(prefix: prefix, limit: 10).flatMap(\.keys)
        #expect(left.sorted() == keys.prefix(2).sorted())
    }

    @Test("A key that stays is listed once, while others come and go", arguments: Deployment.all)
    func amongChanges(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let prefix = uniqueKey("list") + "_"
        let stayers = (0..<60).map { "\(prefix)stay_\($0)" }
        for key in stayers { try client.put(key, "v").expect(.created) }
        var visitors: [String] = []
        var isHighTide = true
        let pages = try client.pages(prefix: prefix, limit: 20) {
            for _ in 0..<40 {
                if isHighTide {
                    visitors.append("\(prefix)visit_\(uniqueKey())")
                    try client.put(visitors.last ?? "", "v").expect(.created)
                } else if let key = visitors.popLast() {
                    try client.delete(key).expect(.deleted)
                }
            }
            isHighTide.toggle()
        }
        let listed = pages.flatMap(\.keys)
        #expect(Set(listed).count == listed.count)
        #expect(listed.filter { $0.contains("stay") }.sorted() == stayers.sorted())
    }

    @Test("Empty parameters are as none, escapes as what they say", arguments: Deployment.all)
    func parameters(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey("list")
        try client.put(key, "v").expect(.created)
        #expect(try client.page("prefix=\(key)&limit=&cursor=").keys == [key])
        let escaped = key.utf8.map { "%" + String($0, radix: 16) }.joined()
        #expect(try client.page("%70refix=\(escaped)&&limit=%31").keys == [key])
        #expect(try !client.page("").keys.isEmpty)
        #expect(try !client.page("prefix=&limit=10000").keys.isEmpty)
        #expect(try client.send("GET", "/kvs").status == 200)
    }

    @Test("HEAD is GET without the body", arguments: Deployment.all)
    func head(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey("list")
        try client.put(key, "v").expect(.created)
        let get = try client.send("GET", "/kvs?prefix=\(key)")
        let head = try client.send("HEAD", "/kvs?prefix=\(key)")
        #expect(head.status == 200)
        #expect(head[header: "Content-Length"] == "\(get.body.count)")
        #expect(head[header: "Content-Type"] == "application/json")
    }

    @Test(
        "What a list does not take is refused, in words",
        arguments: Deployment.all,
        [
            ("limit=0", "limit must"), ("limit=10001", "limit must"), ("limit=-1", "limit must"),
            ("limit=a", "limit must"), ("limit=1%", "limit must"), ("limit=+5", "limit must"),
            ("limit=99999999999999999999", "limit must"), ("prefix=a-b", "prefix must"),
            ("prefix=%C3%A9", "prefix must"), ("prefix=%2", "prefix must"),
            ("cursor=x", "unknown cursor"), ("cursor=%", "unknown cursor"),
            ("cursor=0123456789abcdef0123456789abcdef", "unknown cursor"),
            ("cursor=0123456789ABCDEF0123456789ABCDEF", "unknown cursor"),
            ("limits=1", "unknown query parameter"), ("Limit=1", "unknown query parameter"),
            ("=1", "unknown query parameter"), ("limit=1&limit=1", "more than once"),
            ("prefix=a&prefix=", "more than once"), ("cursor=&cursor=", "more than once"),
        ]
    )
    func refused(deployment: Deployment, query: (String, String)) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        try client.send("GET", "/kvs?\(query.0)").expectError(400, mentioning: query.1)
        #expect(try client.send("HEAD", "/kvs?\(query.0)").status == 400)
    }

    @Test("A prefix may have 250 bytes", arguments: Deployment.all)
    func longPrefix(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey("list").padding(to: 250)
        try client.put(key, "v").expect(.created)
        #expect(try client.page("prefix=\(key)").keys == [key])
        try client.send("GET", "/kvs?prefix=\(key)x").expectError(400, mentioning: "prefix must")
    }

    @Test("Only GET and HEAD list, and 405 says so", arguments: Deployment.all)
    func methods(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        for method in ["PUT", "DELETE", "POST", "PATCH"] {
            let reply = try client.send(method, "/kvs?limit=1", body: Array("val=x".utf8))
            reply.expectError(405, mentioning: "GET or HEAD")
            #expect(reply[header: "Allow"] == "GET, HEAD, OPTIONS")
        }
        let options = try client.send("OPTIONS", "/kvs")
        #expect(options.status == 204)
        #expect(options[header: "Allow"] == "GET, HEAD, OPTIONS")
    }

    @Test("A cursor of before a restart of the main is refused, not misread")
    func restarted() throws {
        let main = try ServerProcess.main()
        let client = HTTPClient(main.endpoint)
        for number in 0..<10 { try client.put("key_\(number)", "v").expect(.created) }
        let cursor = try #require(try client.page("limit=1").cursor)
        main.kill()
        try main.restart()
        try HTTPClient(main.endpoint).send("GET", "/kvs?cursor=\(cursor)")
            .expectError(400, mentioning: "unknown cursor")
    }

    @Test("Where there is no main, there is no list")
    func withoutMain() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        main.kill()
        try HTTPClient(forwarder.endpoint).send("GET", "/kvs").expect(.unavailable)
    }

    @Test("A page is counted among what is held for clients")
    func counted() throws {
        let main = try ServerProcess.main(["KVS_MAX_BUFFERED": "8M"])
        let client = HTTPClient(main.endpoint)
        for number in 0..<300 {
            try client.put("key_\(number)".padding(to: 250), "v").expect(.created)
        }
        // Its JSON form has six bytes for each of its own.
        let value = [UInt8](repeating: 1, count: 1_572_864)
        try client.put("large", body: value, contentType: "text/plain").expect(.created)
        // Clients that do not read: the first one, alone, may hold more than the limit.
        var readers = try (0..<3).map { _ in
            let reader = try WireClient(main.endpoint, receiveBufferBytes: 4096)
            try reader.send("GET /kvs/large HTTP/1.1\r\nHost: a\r\n\r\n")
            return reader
        }
        let isFull = try eventually { try client.send("GET", "/kvs").status == 503 }
        #expect(isFull)
        #expect(try client.page("limit=3").keys.count == 3)
        #expect(readers.count == 3)
        readers = []
        let isThere = try eventually { try client.send("GET", "/kvs").status == 200 }
        #expect(isThere)
    }
}

extension String {
    fileprivate func padding(to count: Int) -> String {
        self + String(repeating: "x", count: count - self.count)
    }
}
