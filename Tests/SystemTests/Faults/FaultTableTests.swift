import Foundation
import Testing

@Suite("Whatever the main does, a forwarder says the truth")
struct FaultTableTests {
    /// How many tries for the printed table; `scripts/fault-table` sets it.
    private static let tableTries = ProcessInfo.processInfo.environment["KVS_FAULT_TRIES"]
        .flatMap { Int($0) }

    @Test("A failing main is 'service is not available', once", arguments: FaultShape.allCases)
    func failureIsAnsweredTruly(_ shape: FaultShape) throws {
        let trial = try FaultTrial(
            shape,
            ip: Self.address(of: shape),
            forwardMilliseconds: shape.showsOnlyInTime
                ? FaultTrial.forwardTimeoutMilliseconds : 20_000
        )
        _ = try trial.run(tries: 3)
    }

    @Test("A silent main is asked again and again, though no answer comes")
    func probesGoOn() throws {
        let main = try FakeMain(ip: "127.0.0.19")
        defer { main.stop() }
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_FORWARD_TIMEOUT": "200ms", "KVS_CONNECT_TIMEOUT": "200ms"]
        )
        try main.begin(.silent)
        try HTTPClient(forwarder.endpoint).get("key").expect(.unavailable)
        let count = main.requestCount
        // One probe that waited long for its answer would keep the forwarder from all others.
        try waitUntil("ten more probes have come") { main.requestCount >= count + 10 }
    }

    @Test(
        "The fault table: each shape, its answer, the longest time",
        .enabled(if: tableTries != nil, "KVS_FAULT_TRIES says how many tries")
    )
    func printFaultTable() async throws {
        let tries = try #require(Self.tableTries)
        var rows: [FaultShape: [FaultTrial.Row]] = [:]
        try await withThrowingTaskGroup { group in
            for shape in FaultShape.allCases {
                group.addTask {
                    let trial = try FaultTrial(shape, ip: Self.address(of: shape))
                    return (shape, try trial.run(tries: tries))
                }
            }
            for try await (shape, found) in group { rows[shape] = found }
        }
        let all = FaultShape.allCases.flatMap { rows[$0] ?? [] }
        print(Self.title + "\n" + all.map(Self.line).joined(separator: "\n") + "\n")
        for row in all {
            // The one promise about time: the deadline, plus what a busy machine may add.
            let limit = Int64(row.shape.deadlineMilliseconds + 100) * 1_000_000
            #expect(row.maxNanoseconds <= limit, "\(row.shape) \(row.method)")
        }
    }

    /// An address of its own for each shape: no other socket of the tests takes its port while
    /// nothing listens there, and no connection to it can be its own peer.
    private static func address(of shape: FaultShape) -> String {
        "127.0.0.\(20 + (FaultShape.allCases.firstIndex(of: shape) ?? 0))"
    }

    private static let title =
        "shape".padded(40) + " method  max ms  limit  answer (KVS-Outcome)"

    private static func line(_ row: FaultTrial.Row) -> String {
        let milliseconds = String(format: "%7.1f", Double(row.maxNanoseconds) / 1e6)
        let limit = String(format: "%6d", row.shape.deadlineMilliseconds)
        let answers = row.answers.map { $0.count > 80 ? $0.prefix(77) + "..." : $0 }
        let outcomes = row.outcomes.sorted().joined(separator: ", ")
        return row.shape.rawValue.padded(40) + " " + row.method.padded(6) + milliseconds + limit
            + "   " + answers.sorted().joined(separator: " | ")
            + (outcomes.isEmpty ? "" : " (\(outcomes))")
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        padding(toLength: max(width, count), withPad: " ", startingAt: 0)
    }
}
