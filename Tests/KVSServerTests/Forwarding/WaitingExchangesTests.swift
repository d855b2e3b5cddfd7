import TestSupport
import Testing

@testable import KVSServer

@Suite("WaitingExchanges")
struct WaitingExchangesTests {
    private static func entry(_ number: UInt64) -> WaitingExchanges.Entry {
        .init(exchange: Int(number) * 10, number: number)
    }

    /// The numbers in the order in which their turns come.
    private static func order(of waiting: WaitingExchanges) -> [UInt64] {
        var rest = waiting
        var numbers: [UInt64] = []
        while let first = rest.first {
            #expect(first == entry(first.number))
            #expect(!rest.isEmpty)
            numbers.append(first.number)
            rest.removeFirst()
        }
        #expect(rest.isEmpty)
        return numbers
    }

    @Test(
        "Who is put back has his place by his number, before whoever came later",
        arguments: [
            ([], [], []), ([1, 2, 3], [], [1, 2, 3]), ([], [2], [2]),
            ([4, 5], [2], [2, 4, 5]), ([4, 5], [3, 1, 2], [1, 2, 3, 4, 5]),
            ([2, 4, 6], [5, 1, 3, 7], [1, 2, 3, 4, 5, 6, 7]), ([1], [9, 8], [1, 8, 9]),
        ] as [([UInt64], [UInt64], [UInt64])]
    )
    func order(appended: [UInt64], putBack: [UInt64], expected: [UInt64]) {
        var waiting = WaitingExchanges()
        for number in appended { waiting.append(Self.entry(number)) }
        for number in putBack { waiting.putBack(Self.entry(number)) }
        #expect(Self.order(of: waiting) == expected)
    }

    @Test("The same while some have their turn and others come", arguments: 1...8)
    func mixed(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var waiting = WaitingExchanges()
        var model: [UInt64] = []
        var underWay: [UInt64] = []
        for number: UInt64 in 1...500 {
            waiting.append(Self.entry(number))
            model.append(number)
            for _ in 0..<Int.random(in: 0...2, using: &random) where !model.isEmpty {
                let first = model.removeFirst()
                #expect(waiting.first == Self.entry(first))
                waiting.removeFirst()
                underWay.append(first)
            }
            if let index = underWay.indices.randomElement(using: &random),
                Bool.random(using: &random)
            {
                let back = underWay.remove(at: index)
                waiting.putBack(Self.entry(back))
                model = (model + [back]).sorted()
            }
        }
        #expect(Self.order(of: waiting) == model)
    }

    @Test("To take from an empty line does nothing")
    func empty() {
        var waiting = WaitingExchanges()
        waiting.removeFirst()
        #expect(waiting.isEmpty && waiting.first == nil)
    }
}
