import Foundation
import Testing

/// Where libevent had no memory, a PUT stored an empty value and was answered 201, headers were missing in
/// requests and replies, and the program ended.
@Suite("Memory that does not come", .timeLimit(.minutes(10)))
struct AllocationFailureTests {
    enum Role: CaseIterable, Sendable { case main, forwarder }

    enum Failures: CaseIterable, Sendable {
        case one, allFromThere

        func range(from number: Int) -> ClosedRange<Int> {
            self == .one ? number...number : number...Int.max
        }
    }

    /// Each one is tried where the environment has `KVS_EVERY_ALLOCATION`: that takes minutes.
    private static let step =
        ProcessInfo.processInfo.environment["KVS_EVERY_ALLOCATION"] == nil ? 11 : 1

    @Test(
        "Whichever allocation fails: no crash, no answer that is not true, and all is well afterwards",
        arguments: Role.allCases,
        Failures.allCases
    )
    func everyAllocation(_ role: Role, _ failures: Failures) throws {
        let main = role == .forwarder ? try ServerProcess.main() : nil
        var settings = ["KVS_THREADS": "1"]
        if let main {
            settings["ISMAIN"] = "False"
            settings["MAINIP"] = main.endpoint.description
        }
        let server = try ServerProcess(settings, program: .allocationFaults)
        let control = try AllocationControl(server)
        var statuses: [Int: Int] = [:]
        var number = Int.random(in: 1...Self.step)
        var failed = 0
        repeat {
            let round = AllocationRound(server.endpoint, key: "key\(number)")
            do {
                try control.fail(failures.range(from: number))
                try round.run()
                failed = try control.stop()
                try round.verify()
            } catch {
                _ = server.waitForExit(timeout: .seconds(1))
                let end = server.exitStatus.map { "\($0)" } ?? "still running"
                Issue.record("allocation \(number): \(error); \(end), \(server.standardError)")
                return
            }
            statuses.merge(round.statuses) { $0 + $1 }
            #expect(round.wrong == [], "allocation \(number), \(failures), \(role)")
            number += Self.step
        } while failed > 0
        #expect(number > 200)
        let counts = statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        print("\(role), \(failures), \(number) allocations: \(counts.joined(separator: ", "))")
        // Where one fails alone, the reserve or a second attempt mostly helps.
        #expect(failures == .one || (statuses[503] ?? 0) + (statuses[507] ?? 0) > 0)
        server.terminate()
        #expect(server.waitForExit() == .exited(0))
    }
}
