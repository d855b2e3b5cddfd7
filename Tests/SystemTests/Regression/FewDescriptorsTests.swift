import Testing

/// Under a small limit of open files a forwarder kept nearly all descriptors for itself.
@Suite("Few descriptors", .timeLimit(.minutes(10)))
struct FewDescriptorsTests {
    private static let get = "GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Runs what follows with 40 descriptors, of which the first so many are taken, and no other.
    private static func fortyDescriptors(taken: Int) -> [String] {
        let script = """
            for n in {3..255}; do eval "exec $n>&-"; done
            for n in $(seq 3 \(2 + taken)); do eval "exec $n</dev/null"; done
            ulimit -n 40
            exec "$@"
            """
        return ["bash", "-c", script, "bash"]
    }

    @Test(
        "Of 40 descriptors half are for clients; those that were inherited are nobody's",
        arguments: [(true, 0, 20), (true, 12, 5), (false, 0, 20), (false, 12, 10)]
    )
    func forty(isForwarder: Bool, taken: Int, clientCount: Int) throws {
        let main = try ServerProcess.main()
        let role = isForwarder ? ["ISMAIN": "False", "MAINIP": main.endpoint.description] : [:]
        let server = try ServerProcess(
            role.merging(["KVS_THREADS": "1"]) { $1 },
            wrapper: Self.fortyDescriptors(taken: taken)
        )
        let clients = try (0..<clientCount).map { _ in
            try WireClient(server.endpoint, timeout: .seconds(5))
        }
        // Those that come late wait, and harm nobody.
        let late = try (0..<20).map { _ in try WireClient(server.endpoint) }
        for _ in 0..<3 {
            for client in clients { try client.send(Self.get) }
            for client in clients { try client.readResponse().expect(.missing) }
        }
        #expect(late.count == 20 && main.exitStatus == nil)
        #expect(server.standardError == "")
        #expect(!server.standardOutput.contains("cannot"))
    }
}
