import Testing

@testable import KVSServer

@Suite("Shares of descriptors")
struct DescriptorSharesTests {
    private static let limits =
        [16, 17, 24, 31, 32, 40, 64, 100, 128, 256, 1000, 1024, 4096, 65_536]
        + [1_048_575, 1_048_576]

    private static func configuration(
        isForwarder: Bool,
        threads: Int,
        more: [String: String] = [:]
    ) throws -> Configuration {
        var settings: [String: String] = ["KVS_THREADS": "\(threads)"]
        if isForwarder { settings["MAINIP"] = "main:8080" }
        return try Configuration(settings: settings.merging(more) { $1 })
    }

    /// Standard streams, and of each loop epoll, eventfd and listener: what no arrangement can do without.
    private static func unavoidable(threads: Int) -> Int { 3 + 3 * threads }

    @Test("A main leaves nearly all to clients", arguments: limits, 1...16)
    func main(openFiles: Int, threads: Int) throws {
        let shares = try Self.configuration(isForwarder: false, threads: threads)
            .descriptorShares(openFiles: openFiles)
        let left = openFiles - Self.unavoidable(threads: threads)
        #expect(shares.clients >= 1 && shares.clients <= max(1, left))
        #expect(shares.clients >= left - 6 - 2 * threads - min(32, openFiles / 32))
    }

    @Test(
        "A forwarder leaves at least half to clients, and has connections",
        arguments: limits,
        1...16
    )
    func forwarder(openFiles: Int, threads: Int) throws {
        let configuration = try Self.configuration(isForwarder: true, threads: threads)
        let shares = configuration.descriptorShares(openFiles: openFiles)
        let main = try Self.configuration(isForwarder: false, threads: threads)
            .descriptorShares(openFiles: openFiles)
        #expect(shares.clients >= 1 && shares.clients <= main.clients)
        #expect((1...256).contains(shares.mainConnectionsPerLoop))
        // The resolver takes two.
        let free = main.clients - 2
        #expect(2 * shares.clients >= free)
        let used = shares.clients + threads * shares.mainConnectionsPerLoop
        if free >= 2 * threads { #expect(used <= free) }
        // Where there is room, clients have half of all, and the pool what it is configured to have.
        if free >= openFiles / 2 + threads { #expect(shares.clients >= openFiles / 2) }
        if free >= openFiles / 2 + 257 * threads { #expect(shares.mainConnectionsPerLoop == 256) }
    }

    @Test("Forty descriptors: twenty clients")
    func forty() throws {
        let shares = try Self.configuration(isForwarder: true, threads: 1)
            .descriptorShares(openFiles: 40)
        #expect(shares.clients >= 20 && shares.mainConnectionsPerLoop >= 2)
    }

    @Test("What is configured is never passed; clients that may not come leave room")
    func configured() throws {
        let few = try Self.configuration(
            isForwarder: true,
            threads: 2,
            more: ["KVS_MAX_CONNECTIONS": "10", "KVS_FORWARD_CONNECTIONS": "1000"]
        )
        let shares = few.descriptorShares(openFiles: 256)
        #expect(shares.clients == 10)
        #expect(shares.mainConnectionsPerLoop > 64 && shares.mainConnectionsPerLoop < 128)
        let narrow = try Self.configuration(
            isForwarder: true,
            threads: 1,
            more: ["KVS_FORWARD_CONNECTIONS": "2"]
        )
        #expect(narrow.descriptorShares(openFiles: 1024).mainConnectionsPerLoop == 2)
        #expect(narrow.descriptorShares(openFiles: 1024).clients > 900)
    }
}
