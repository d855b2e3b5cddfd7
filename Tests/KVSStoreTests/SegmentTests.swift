import Testing

@testable import KVSStore

@Suite("Segment")
struct SegmentTests {
    @Test(
        "A segment agrees with a dictionary under random changes, while it grows and shrinks",
        arguments: 1...2 as ClosedRange<UInt64>
    )
    func againstModel(seed: UInt64) {
        var generator = StoreFixtures.Generator(seed: seed)
        var segment = Segment()
        var model: [String: ObjectIdentifier] = [:]
        // Up, down, up again, and down to nothing: the share of puts in each phase.
        for share in [0.9, 0.5, 0.1, 0.7, 0.0] {
            for _ in 0..<2500 {
                let key = Key("key_\(Int.random(in: 0..<1500, using: &generator))")
                let position = segment.position(of: key)
                #expect(position.map { segment[$0].identity } == model[key.text])
                if Double.random(in: 0..<1, using: &generator) < share {
                    let item = Item.make(key.text, "value")
                    if let position {
                        let old = segment.replace(at: position, with: item)
                        #expect(old.identity == model[key.text])
                    } else {
                        let expected = segment.footprint + segment.growth(forInserting: key.hash)
                        let isInserted = segment.insert(item, hash: key.hash)
                        #expect(isInserted)
                        #expect(segment.footprint == expected)
                    }
                    model[key.text] = item.identity
                } else if let position {
                    #expect(
                        segment.remove(at: position).identity == model.removeValue(forKey: key.text)
                    )
                }
                #expect(Int(segment.count) == model.count)
            }
            for (text, identity) in model {
                #expect(segment.position(of: Key(text)).map { segment[$0].identity } == identity)
            }
        }
        for text in model.keys {
            let position = segment.position(of: Key(text))
            #expect(position.map { segment.remove(at: $0).keyText } == text)
        }
        #expect(segment.count == 0)
        #expect(segment.footprint == 0)
    }

    /// All homes were group 0 once: each look-up went through all groups in front of its item's.
    @Test("The homes of keys are spread over all groups, in the order of their hashes")
    func homes() {
        var segment = Segment()
        for number in 0..<2000 { segment.put(number) }
        let groupCount = Int(segment.groupCount)
        #expect(segment.home(of: 0) == 0)
        #expect(segment.home(of: 0xFFFF_FFFF) == groupCount - 1)
        let homes = (0..<(4 * groupCount)).map { number in
            segment.home(of: UInt64(number) << 32 / UInt64(4 * groupCount))
        }
        #expect(homes == homes.sorted())
        #expect(Set(homes) == Set(0..<groupCount))
    }

    @Test("Scanned step by step, each item is found once", arguments: [1, 7, 64, 10_000])
    func scan(groups: Int) {
        var segment = Segment()
        for number in 0..<3000 { segment.put(number) }
        var found: [ObjectIdentifier] = []
        var start: UInt32? = 0
        while let from = start {
            let (next, seen) = segment.scan(from: from, groups: groups) { item, _ in
                found.append(item.identity)
            }
            #expect(seen > 0)
            if let next, next <= from {
                Issue.record("the scan does not get on: \(from), \(next)")
                return
            }
            start = next
        }
        #expect(found.count == 3000)
        #expect(Set(found).count == 3000)
    }

    /// What lists promise: the order of the hashes is the same however the segment grows and shrinks.
    @Test(
        "Scanned while it grows and shrinks, each item that stays is found once",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func scanAmongChanges(seed: UInt64) {
        var generator = StoreFixtures.Generator(seed: seed)
        var segment = Segment()
        for number in 0..<1000 { segment.put(number) }
        var visitors: [Int] = []
        var next = 1_000_000
        var found: [String] = []
        var groupCounts: Set<UInt32> = []
        var step = 0
        var start: UInt32? = 0
        while let from = start {
            start =
                segment.scan(from: from, groups: 4) { item, _ in found.append(item.keyText) }.next
            if let start, start <= from {
                Issue.record("the scan does not get on: \(from), \(start)")
                return
            }
            groupCounts.insert(segment.groupCount)
            step += 1
            let isHighTide = step % 6 < 3
            for _ in 0..<Int.random(in: 0..<1500, using: &generator) {
                if isHighTide {
                    segment.put(next)
                    visitors.append(next)
                    next += 1
                } else if let visitor = visitors.popLast() {
                    segment.remove(visitor)
                }
            }
        }
        #expect(groupCounts.count > 4)
        #expect(Set(found).count == found.count)
        let stayers = Set((0..<1000).map { "key_\($0)" })
        #expect(stayers.isSubset(of: found))
    }

    @Test("A segment of a thousand items or more takes at most 13 bytes for each while it grows")
    func bytesPerItem() {
        var segment = Segment()
        for number in 1...5000 {
            segment.put(number)
            if number >= 1000 { #expect(segment.footprint <= number * 13, "\(number) items") }
        }
    }

    @Test("Items that come and go in equal number do not make a segment grow for ever")
    func churn() {
        var segment = Segment()
        for number in 0..<1000 { segment.put(number) }
        for number in 1000..<15_000 {
            segment.remove(number - 1000)
            segment.put(number)
            #expect(segment.footprint <= 1000 * 18)
        }
        #expect(segment.count == 1000)
        for number in 14_000..<15_000 { #expect(segment.position(of: Key("key_\(number)")) != nil) }
    }

    @Test("A segment gives memory back as items are removed")
    func shrinks() {
        var segment = Segment()
        for number in 0..<5000 { segment.put(number) }
        for number in 0..<4900 {
            segment.remove(number)
            let left = 4999 - number
            #expect(segment.footprint <= left * 24 + 100, "\(left) items")
        }
        for number in 4900..<5000 {
            #expect(segment.position(of: Key("key_\(number)")) != nil)
        }
    }

    @Test("A segment that goes away frees its items")
    func releases() {
        struct Observed { weak var owner: AnyObject? }
        var observed: [Observed] = []
        do {
            var segment = Segment()
            for number in 0..<500 {
                let item = Item.make("key_\(number)", "value")
                observed.append(Observed(owner: item.owner))
                let isInserted = segment.insert(item, hash: Key("key_\(number)").hash)
                #expect(isInserted)
            }
            #expect(observed.allSatisfy { $0.owner != nil })
        }
        #expect(observed.allSatisfy { $0.owner == nil })
    }

    @Test("An empty segment is 24 bytes and has no block")
    func empty() {
        let segment = Segment()
        #expect(MemoryLayout<Segment>.stride == 24)
        #expect(segment.footprint == 0)
        #expect(segment.position(of: Key("foo")) == nil)
    }
}

extension Segment {
    func position(of key: Key) -> Position? {
        key.withUnsafeBytes { position(of: $0, hash: key.hash) }
    }

    mutating func put(_ number: Int) {
        let isInserted = insert(Item.make("key_\(number)", "v"), hash: Key("key_\(number)").hash)
        #expect(isInserted)
    }

    mutating func remove(_ number: Int) {
        if let position = position(of: Key("key_\(number)")) { _ = remove(at: position) }
    }
}
