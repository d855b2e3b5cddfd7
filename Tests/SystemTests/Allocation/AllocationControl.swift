import Testing

/// Tells a server which of libevent's allocations fail (`Tests/AllocationFaults`). For one thread.
final class AllocationControl {
    private let wire: WireClient

    init(_ server: ServerProcess) throws {
        let port = try #require(
            server.waitForOutput { $0.firstMatch(of: /control=(\d+)/).flatMap { UInt16($0.1) } }
        )
        wire = try WireClient(Endpoint(host: "127.0.0.1", port: port))
    }

    /// From now on, the allocations of `range` fail, counted from 1.
    func fail(_ range: ClosedRange<Int>) throws {
        _ = try answer(to: "\(range.lowerBound) \(range.upperBound)")
    }

    /// - Returns: How many have failed.
    func stop() throws -> Int { try answer(to: "stop") }

    private func answer(to line: String) throws -> Int {
        try wire.send(line + "\n")
        let text = String(decoding: try wire.read(through: [0x0A]).dropLast(), as: UTF8.self)
        return try #require(Int(text))
    }
}
