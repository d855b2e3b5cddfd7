import Testing

/// Programs that were started together at one port all served it, each with a part of the clients.
@Suite("One port, one program", .timeLimit(.minutes(10)))
struct OnePortTests {
    /// Addresses that overlap.
    @Test(
        "Of programs that are started together one serves, and the others end with 69",
        arguments: [
            ["127.0.0.1", "127.0.0.1"], ["127.0.0.1", "0.0.0.0", "127.0.0.1"],
            ["0.0.0.0", "::", "127.0.0.1"],
        ]
    )
    func together(addresses: [String]) throws {
        for _ in 0..<10 {
            let port = try ServerProcess.main().endpoint.port
            let programs = try addresses.map { address in
                let settings = ["IP": address, "PORT": "\(port)", "KVS_THREADS": "2"]
                return try ChildProcess(
                    [try ServerProcess.Program.kvs.path()],
                    environment: ServerProcess.environment(adding: settings)
                )
            }
            try waitUntil("all but one have ended") {
                programs.count { $0.exitStatus == nil } <= 1
            }
            let losers = programs.filter { $0.exitStatus != nil }
            #expect(losers.count == programs.count - 1)
            for loser in losers {
                #expect(loser.exitStatus == .exited(69))
                #expect(loser.standardError.contains("another program uses that port"))
            }
            let client = Endpoint(host: "127.0.0.1", port: port)
            for number in 0..<10 {
                try HTTPClient(client).put("key\(number)", "bart").expect(.created)
                try HTTPClient(client).get("key\(number)").expect(.value("bart"))
            }
        }
    }
}
