import Testing

@testable import Basics
@testable import KVSServer

@Suite("SharedBelief")
struct SharedBeliefTests {
    @Test("The first who finds out has news; who comes second has none")
    func news() {
        let belief = SharedBelief()
        #expect(!belief.isSilent)
        #expect(!belief.declareReturn())
        #expect(belief.declareSilence())
        #expect(belief.isSilent)
        #expect(!belief.declareSilence())
        #expect(belief.isSilent)
        #expect(belief.declareReturn())
        #expect(!belief.isSilent)
        #expect(!belief.declareReturn())
        #expect(belief.declareSilence())
        #expect(belief.isSilent)
    }

    @Test("Of many loops that find out at once, one has news")
    func oneHasNews() async {
        let belief = SharedBelief()
        for round in 0..<200 {
            let count = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        round % 2 == 0 ? belief.declareSilence() : belief.declareReturn()
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(count == 1)
            #expect(belief.isSilent == (round % 2 == 0))
        }
    }

    @Test(
        "Probes of all loops are as far apart as those of one, a tenth less where timers are early"
    )
    func probes() {
        let belief = SharedBelief()
        func may(_ milliseconds: Int64) -> Bool {
            belief.mayProbe(
                at: MonotonicTime(nanoseconds: milliseconds * 1_000_000),
                spacing: .milliseconds(50)
            )
        }
        let asked: [Int64] = [1, 1, 2, 45, 46, 47, 90, 91, 500, 544, 545, 10_000]
        #expect(asked.filter { may($0) } == [1, 46, 91, 500, 545, 10_000])
    }

    @Test("One question at a time is answered with yes")
    func oneProbes() async {
        let belief = SharedBelief()
        for round: Int64 in 1...200 {
            let now = MonotonicTime(nanoseconds: round * 50_000_000)
            let count = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask { belief.mayProbe(at: now, spacing: .milliseconds(50)) }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(count == 1)
        }
    }
}
