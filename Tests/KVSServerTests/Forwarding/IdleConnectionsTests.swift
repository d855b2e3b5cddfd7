import TestSupport
import Testing

@testable import KVSServer

@Suite("IdleConnections")
struct IdleConnectionsTests {
    /// From the oldest to the newest, by taking out the oldest ones.
    private static func order(of idle: IdleConnections) -> [Int32] {
        var rest = idle
        var slots: [Int32] = []
        while rest.oldest >= 0 {
            slots.append(rest.oldest)
            rest.remove(rest.oldest)
        }
        return slots
    }

    /// The same, by the newest.
    private static func reversedOrder(of idle: IdleConnections) -> [Int32] {
        var rest = idle
        var slots: [Int32] = []
        while rest.newest >= 0 {
            slots.append(rest.newest)
            rest.remove(rest.newest)
        }
        return slots
    }

    @Test(
        "They are in the order in which they came, from either end, whichever leaves",
        arguments: 1...8
    )
    func order(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var idle = IdleConnections()
        var model: [Int32] = []
        for _ in 0..<300 {
            let slot = Int32.random(in: 0..<12, using: &random)
            if model.contains(slot) || Bool.random(using: &random) {
                idle.remove(slot)
                model.removeAll { $0 == slot }
            } else {
                idle.append(slot)
                model.append(slot)
            }
            #expect(idle.count == model.count)
            #expect(idle.newest == model.last ?? -1)
            #expect(idle.oldest == model.first ?? -1)
            #expect(Self.order(of: idle) == model)
            #expect(Self.reversedOrder(of: idle) == model.reversed())
        }
    }

    @Test("To remove what is not idle, or never was, changes nothing")
    func absent() {
        var idle = IdleConnections()
        idle.remove(0)
        idle.append(3)
        for slot: Int32 in [0, 3, 3, 4, 100] { idle.remove(slot) }
        #expect(idle.count == 0)
        #expect((idle.newest, idle.oldest) == (-1, -1))
    }
}
