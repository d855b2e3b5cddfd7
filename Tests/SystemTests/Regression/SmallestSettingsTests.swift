import Testing

/// Settings at the small end of what is allowed broke requests that are in order.
@Suite("The smallest settings serve all requests", .timeLimit(.minutes(10)))
struct SmallestSettingsTests {
    @Test("The largest reply gets through the smallest budget, also with requests behind it")
    func budget() throws {
        let smallest = ["KVS_MAX_BUFFERED": "8M"]
        let main = try ServerProcess.main(smallest)
        let forwarder = try ServerProcess.forwarder(to: main.endpoint, smallest)
        let value = [UInt8](repeating: 1, count: 1_572_864)
        let client = HTTPClient(main.endpoint)
        #expect(try client.put("large", body: value, contentType: "text/plain").status == 201)
        for endpoint in [main.endpoint, forwarder.endpoint] {
            for _ in 0..<2 {
                let reply = try HTTPClient(endpoint).get("large")
                #expect(reply.status == 200 && reply.body.count > 9_000_000)
            }
        }
        for endpoint in [main.endpoint, forwarder.endpoint] {
            let wire = try WireClient(endpoint)
            let others = String(repeating: RawRequest.get("missing"), count: 300)
            try wire.send(RawRequest.get("large") + others)
            #expect(try wire.readResponse().status == 200)
            for _ in 0..<300 { try wire.readResponse().expect(.missing) }
        }
    }

    @Test("A request's time of one tick of the clock leaves some for the main")
    func time() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_REQUEST_TIMEOUT": "100ms", "KVS_FORWARD_TIMEOUT": "90ms"]
        )
        // On a busy machine one may take longer.
        #expect(
            try eventually { try HTTPClient(forwarder.endpoint).get("key").text.contains("exist") }
        )
    }
}
