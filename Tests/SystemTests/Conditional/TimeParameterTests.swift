import Testing

/// `?ttl=` and `KVS-TTL`. That a key goes in time: TimeToLiveTests.
@Suite("The parameter ttl", .sharedServers, .timeLimit(.minutes(5)))
struct TimeParameterTests {
    @Test(
        "A GET says how many seconds are left, of a key that has a time",
        arguments: Deployment.all
    )
    func says(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let path = "/kvs/\(key)"
        let body = Array("val=bar".utf8)
        try client.send("PUT", "\(path)?ttl=4294967295", body: body).expect(.created)
        let get = try client.get(key)
        get.expect(.value("bar"))
        #expect(get[header: "KVS-TTL"] == "4294967295")
        #expect(try client.head(key)[header: "KVS-TTL"] == "4294967295")
        let tag = try #require(get[header: "ETag"])
        let same = try client.get(key, headers: ["If-None-Match: \(tag)"])
        #expect(same.status == 304)
        #expect(same[header: "KVS-TTL"] == "4294967295")
        // A PUT without one takes it away.
        try client.put(key, "bar").expect(.replaced)
        #expect(try client.get(key)[header: "KVS-TTL"] == nil)
        try client.send("PUT", "\(path)?x=1&%74tl=100&y", body: body).expect(.replaced)
        let left = try #require(try client.get(key)[header: "KVS-TTL"].flatMap { Int($0) })
        #expect((1...100).contains(left))
    }

    @Test(
        "A bad time is refused, and nothing is stored",
        arguments: Deployment.all,
        [
            "ttl=0", "ttl=-1", "ttl=4294967296", "ttl=1.5", "ttl=", "ttl", "ttl=1s", "ttl=%",
            "ttl=1&ttl=1", "ttl=1&ttl=2", "ttl=99999999999999999999", "ttl=+1", "ttl=%201",
        ]
    )
    func refused(deployment: Deployment, query: String) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.send("PUT", "/kvs/\(key)?\(query)", body: Array("val=bar".utf8))
            .expectError(400, mentioning: "ttl must be")
        try client.get(key).expect(.missing)
    }

    @Test("Other parameters of a key mean nothing, as ever", arguments: Deployment.all)
    func others(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let path = "/kvs/\(key)?TTL=x&%&ttll=0&prefix=&="
        try client.send("PUT", path, body: Array("val=bar".utf8)).expect(.created)
        try client.send("GET", "/kvs/\(key)?ttl=x").expect(.value("bar"))
        #expect(try client.get(key)[header: "KVS-TTL"] == nil)
        try client.send("DELETE", "/kvs/\(key)?ttl=0").expect(.deleted)
    }

    @Test("Keys whose time is over are gone without a request, and their memory with them")
    func memory() throws {
        let main = try ServerProcess.main()
        let client = HTTPClient(main.endpoint)
        for number in 0..<500 {
            let target = "/kvs/key_\(number)?ttl=1"
            try client.send("PUT", target, body: Array("val=bar".utf8)).expect(.created)
        }
        try client.put("stays", "v").expect(.created)
        let isSwept = try eventually {
            let metrics = try client.send("GET", "/metrics").text
            return metrics.contains("\nkvs_store_keys 1\n")
                && metrics.contains("\nkvs_store_expired_keys_total 500\n")
        }
        #expect(isSwept)
        try client.delete("stays").expect(.deleted)
        #expect(try client.send("GET", "/metrics").text.contains("\nkvs_store_bytes 0\n"))
    }
}
