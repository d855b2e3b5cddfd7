import Testing

@testable import Basics
@testable import EventHTTP

@Suite("BufferBudget and BufferClaim")
struct BufferBudgetTests {
    private static let free = BufferClaim.freeBytes

    /// Has a claim, which by itself could not stand in an expectation.
    private final class Holder {
        private var claim: BufferClaim

        init(_ budget: BufferBudget) { claim = BufferClaim(budget) }

        var bytes: Int { claim.bytes }
        func hold(_ count: Int) -> Bool { claim.set(heldBytes: count) }
        func take() -> BufferClaim { claim.take() }
        func add(_ other: consuming BufferClaim) { claim.add(other) }
    }

    /// What is taken out of a budget.
    private static func used(of budget: BufferBudget) -> Int { budget.usedBytes }

    @Test("There is as much as the limit, and what was not given is not taken")
    func limit() {
        let budget = BufferBudget(limit: 10)
        #expect(budget.reserve(4))
        #expect(budget.reserve(6))
        #expect(!budget.reserve(1))
        budget.release(3)
        #expect(!budget.reserve(4))
        #expect(budget.reserve(3))
        budget.release(10)
        #expect(budget.reserve(10))
    }

    @Test("Who is alone may hold more than the limit; then nobody else anything")
    func overdraft() {
        let budget = BufferBudget(limit: 10)
        #expect(budget.reserve(50))
        #expect(!budget.reserve(1))
        budget.release(45)
        #expect(budget.reserve(5))
        #expect(!budget.reserve(1))
        budget.release(9)
        // One byte is held: no more than the limit.
        #expect(!budget.reserve(10))
        #expect(budget.reserve(9))
    }

    @Test("Little is free; above that every byte counts, and all of it is given back")
    func freeBytes() {
        let budget = BufferBudget(limit: 3 * Self.free)
        let claim = Holder(budget)
        var results: [Bool] = []
        var bytes: [Int] = []
        for held in [0, 1, Self.free, Self.free + 1, 2 * Self.free, Self.free + 7, Self.free, 0] {
            results.append(claim.hold(held))
            bytes.append(claim.bytes)
            #expect(Self.used(of: budget) == claim.bytes)
        }
        #expect(results.allSatisfy { $0 })
        #expect(bytes == [0, 0, 0, Self.free + 1, 2 * Self.free, Self.free + 7, 0, 0])
    }

    @Test("The little of some goes on where others have taken everything")
    func smallShare() {
        let budget = BufferBudget(limit: 100_000)
        let large = Holder(budget)
        let small = Holder(budget)
        #expect(large.hold(100_000))
        #expect(small.hold(Self.free))
        #expect(!small.hold(Self.free + 1))
        #expect(small.bytes == 0)
        #expect(large.hold(100_000 - Self.free - 1))
        #expect(small.hold(Self.free + 1))
    }

    @Test("A claim that finds no room is as it was")
    func refused() {
        let budget = BufferBudget(limit: 30_000)
        let first = Holder(budget)
        let second = Holder(budget)
        #expect(first.hold(20_000))
        #expect(second.hold(10_000))
        #expect(!second.hold(10_001))
        #expect(second.bytes == 10_000)
        #expect(Self.used(of: budget) == 30_000)
        #expect(second.hold(9000))
        #expect(first.hold(21_000))
        #expect(Self.used(of: budget) == 30_000)
    }

    @Test("A claim that goes gives everything back")
    func end() {
        let budget = BufferBudget(limit: 30_000)
        do {
            let claim = Holder(budget)
            #expect(claim.hold(20_000))
            #expect(Self.used(of: budget) == 20_000)
        }
        #expect(Self.used(of: budget) == 0)
    }

    @Test("What is handed on is counted once, and given back by whoever has it")
    func handedOn() {
        let budget = BufferBudget(limit: 50_000)
        let receiver = Holder(budget)
        #expect(receiver.hold(5000))
        do {
            let giver = Holder(budget)
            #expect(giver.hold(20_000))
            let taken = giver.take()
            #expect(giver.bytes == 0)
            #expect(Self.used(of: budget) == 25_000)
            // The giver starts anew.
            #expect(giver.hold(6000))
            #expect(Self.used(of: budget) == 31_000)
            receiver.add(taken)
            #expect(receiver.bytes == 25_000)
            #expect(Self.used(of: budget) == 31_000)
        }
        #expect(Self.used(of: budget) == 25_000)
        #expect(receiver.hold(0))
        #expect(Self.used(of: budget) == 0)
    }

    @Test("What is taken out of a claim and dropped is given back")
    func takenAndDropped() {
        let budget = BufferBudget(limit: 50_000)
        let claim = Holder(budget)
        #expect(claim.hold(20_000))
        _ = claim.take()
        #expect(Self.used(of: budget) == 0)
        #expect(claim.hold(50_000))
    }

    @Test("Threads together never take more than the limit, and give all of it back")
    func threads() async {
        let budget = BufferBudget(limit: 3)
        #expect(budget.reserve(1))
        let taken = LockedValue((now: 0, most: 0))
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<2000 where budget.reserve(1) {
                        taken.withLock {
                            $0.now += 1
                            $0.most = max($0.most, $0.now)
                        }
                        taken.withLock { $0.now -= 1 }
                        budget.release(1)
                    }
                }
            }
        }
        #expect((1...2).contains(taken.withLock { $0.most }))
        #expect(Self.used(of: budget) == 1)
    }
}
