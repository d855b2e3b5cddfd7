import Basics
import Testing

@testable import KVSStore

@Suite("ExpiryWheel")
struct ExpiryWheelTests {
    /// Seconds that lie on both sides of each of the wheel's levels.
    private static let spans: [Int64] = [
        0, 1, 2, 62, 63, 64, 65, 127, 128, 4094, 4095, 4096, 4097, 262_143, 262_144, 262_145,
        16_777_215, 16_777_216, 4_294_967_295,
    ]

    @Test("Each item expires in the second behind its deadline, and no sooner", arguments: spans)
    func exactly(span: Int64) {
        let start = MonotonicTime(nanoseconds: 7_999_999_999)
        var wheel = ExpiryWheel(start: start)
        let item = Item.make("foo", "bar", until: start + .seconds(span))
        wheel.insert(item)
        #expect(wheel.expired(at: start + .seconds(span)).isEmpty)
        #expect(wheel.count == 1)
        #expect(wheel.expired(at: start + .seconds(span + 1)).map(\.identity) == [item.identity])
        #expect(wheel.count == 0)
    }

    /// 180,000 items each took a step to come down first, at the end of a minute, and a put that swept for
    /// room found none.
    @Test("What is due when a slot of a higher level comes round goes in one step each")
    func dueAtOnce() {
        let start = MonotonicTime(nanoseconds: 0)
        var wheel = ExpiryWheel(start: start)
        // The wheel does not hold them.
        let items = (0..<100).map { number in
            Item.make("key_\(number)", "v", until: start + .seconds(4095))
        }
        for item in items { wheel.insert(item) }
        var expiredCount = 0
        for _ in 0..<110 {
            if case .expired = wheel.step(at: start + .seconds(4096)) { expiredCount += 1 }
        }
        #expect(expiredCount == items.count)
    }

    @Test("An item that has been taken out does not expire, wherever it stood in its list")
    func removal() {
        let start = MonotonicTime(nanoseconds: 0)
        for taken in 0..<4 {
            var wheel = ExpiryWheel(start: start)
            let items = (0..<4).map { Item.make("k\($0)", "v", until: start + .seconds(70)) }
            for item in items { wheel.insert(item) }
            wheel.remove(items[taken])
            let left = Set(wheel.expired(at: start + .seconds(100)).map(\.identity))
            #expect(left == Set((0..<4).filter { $0 != taken }.map { items[$0].identity }))
        }
    }

    @Test(
        "The wheel agrees with a list under random insertions, removals and jumps of the clock",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func againstModel(seed: UInt64) {
        var generator = StoreFixtures.Generator(seed: seed)
        var now = MonotonicTime(nanoseconds: .random(in: 0..<1_000_000_000_000, using: &generator))
        var wheel = ExpiryWheel(start: now)
        var model: [ObjectIdentifier: Item] = [:]
        for number in 0..<20_000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let bits = Int64.random(in: 0..<33, using: &generator)
                let span = Int64.random(in: 0..<(1_000_000_000 << bits), using: &generator)
                let deadline = now + TimeSpan(nanoseconds: span)
                let item = Item.make("key_\(number)", "v", until: deadline)
                wheel.insert(item)
                model[item.identity] = item
            case 5..<7:
                guard let (identity, item) = model.randomElement(using: &generator) else { break }
                wheel.remove(item)
                model[identity] = nil
            default:
                let bits = Int64.random(in: 0..<20, using: &generator)
                now = now + .milliseconds(.random(in: 0..<(500 << bits), using: &generator))
                let second = now.nanoseconds / 1_000_000_000
                let due = model.filter { $0.value.deadlineSecond < second }
                #expect(Set(wheel.expired(at: now).map(\.identity)) == Set(due.keys))
                for identity in due.keys { model[identity] = nil }
            }
            #expect(wheel.count == model.count)
        }
    }
}

extension ExpiryWheel {
    /// All that is due.
    fileprivate mutating func expired(at now: MonotonicTime) -> [Item] {
        var items: [Item] = []
        while true {
            switch step(at: now) {
            case .expired(let item): items.append(item)
            case .moved: break
            case .none: return items
            }
        }
    }
}

extension Item {
    fileprivate var deadlineSecond: Int64 { (deadline?.nanoseconds ?? .max) / 1_000_000_000 }
}
