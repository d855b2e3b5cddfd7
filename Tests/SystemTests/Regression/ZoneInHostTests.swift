import Testing

/// The zone of the main's IPv6 address stood in `Host`, and the main refused each request.
@Suite("The zone of the main's address", .timeLimit(.minutes(10)))
struct ZoneInHostTests {
    @Test("It is no part of Host (RFC 6874)")
    func zone() throws {
        let main = try ServerProcess(ip: "::1")
        // Interface 1 is the loopback one.
        let forwarder = try ServerProcess.forwarder(
            to: Endpoint(host: "::1%1", port: main.endpoint.port)
        )
        try HTTPClient(forwarder.endpoint).put("key", "bart").expect(.created)
        try HTTPClient(main.endpoint).get("key").expect(.value("bart"))
    }
}
