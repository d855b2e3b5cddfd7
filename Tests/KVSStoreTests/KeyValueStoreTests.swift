import Testing

@testable import KVSStore

@Suite("KeyValueStore")
struct KeyValueStoreTests {
    @Test("A key holds the item that was put last, until it is removed")
    func putGetRemove() async {
        let store = KeyValueStore(maxBytes: .max)
        let key = Key("foo")
        let first = Item.make("foo", "bar")
        let second = Item.make("foo", "baz")
        #expect(await store.item(for: key) == nil)
        #expect(await store.remove(key).removed == nil)
        #expect(await store.put(first).isCreated)
        #expect(await store.item(for: key)?.identity == first.identity)
        #expect(await store.put(second).replaced?.identity == first.identity)
        #expect(await store.item(for: key)?.identity == second.identity)
        #expect(await store.item(for: Key("Foo")) == nil)
        #expect(await store.remove(key).removed?.identity == second.identity)
        #expect(await store.item(for: key) == nil)
        #expect(await store.put(first).isCreated)
    }

    @Test("withExclusiveAccess does the same without a task, and passes on what is thrown")
    func exclusiveAccess() throws {
        struct Refused: Error {}
        let store = KeyValueStore(maxBytes: .max)
        let item = Item.make("foo", "bar")
        #expect(store.withExclusiveAccess { $0.put(item) }.isCreated)
        #expect(store.withExclusiveAccess { $0.item(for: Key("foo")) }?.identity == item.identity)
        #expect(throws: Refused.self) { try store.withExclusiveAccess { _ in throw Refused() } }
        #expect(
            store.withExclusiveAccess { $0.remove(Key("foo")) }.removed?.identity == item.identity
        )
    }

    @Test("withExclusiveAccess can be used from inside of the store")
    func nestedAccess() {
        let store = KeyValueStore(maxBytes: .max)
        let count = store.withExclusiveAccess { outer in
            _ = outer.put(Item.make("foo", "bar"))
            return store.withExclusiveAccess { $0.count }
        }
        #expect(count == 1)
    }

    @Test("The bytes of keys and stored values are counted exactly")
    func dataBytes() async {
        let store = KeyValueStore(maxBytes: .max)
        _ = await store.put(Item.make("foo", "bar"))
        #expect(await store.dataBytes == 6)
        _ = await store.put(Item.make("foo", "\"\""))
        #expect(await store.dataBytes == 7)
        _ = await store.put(Item.make("binary", [0xFF]))
        #expect(await store.dataBytes == 17)
        _ = await store.put(Item.make("foo", ""))
        #expect(await store.dataBytes == 13)
        _ = await store.remove(Key("binary"))
        #expect(await store.dataBytes == 3)
        _ = await store.remove(Key("foo"))
        #expect(await store.dataBytes == 0)
    }

    @Test(
        "The store agrees with a dictionary under random calls; emptied, it counts nothing",
        arguments: 1...2 as ClosedRange<UInt64>
    )
    func againstModel(seed: UInt64) {
        var generator = StoreFixtures.Generator(seed: seed)
        let store = KeyValueStore(maxBytes: .max)
        var model: [String: [UInt8]] = [:]
        for share in [0.9, 0.4, 0.1, 0.8] {
            for _ in 0..<6000 {
                let text = "key_\(Int.random(in: 0..<12_000, using: &generator))"
                let key = Key(text)
                if Double.random(in: 0..<1, using: &generator) < share {
                    let value = generator.value(maxBytes: 40)
                    let old = store.withExclusiveAccess { $0.put(Item.make(text, value)) }.replaced
                    #expect(old?.rawValue == model.updateValue(value, forKey: text))
                } else if Bool.random(using: &generator) {
                    let old = store.withExclusiveAccess { $0.remove(key) }.removed
                    #expect(old?.rawValue == model.removeValue(forKey: text))
                } else {
                    let item = store.withExclusiveAccess { $0.item(for: key) }
                    #expect(item?.rawValue == model[text])
                }
            }
            let items = model.map { Item.make($0, $1) }
            let (count, dataBytes, footprint) = store.withExclusiveAccess {
                ($0.count, $0.dataBytes, $0.footprint)
            }
            #expect(count == model.count)
            #expect(dataBytes == items.reduce(0) { $0 + $1.dataBytes })
            let slots = footprint - items.reduce(0) { $0 + $1.footprint }
            #expect((9 * count...80 * count).contains(slots))
        }
        for (text, value) in model {
            #expect(store.withExclusiveAccess { $0.remove(Key(text)) }.removed?.rawValue == value)
        }
        let left = store.withExclusiveAccess { [$0.count, $0.dataBytes, $0.footprint] }
        #expect(left == [0, 0, 0])
    }

    @Test("A store that goes away frees its items")
    func releases() {
        var item: Item? = Item.make("foo", "bar")
        weak let block = item?.owner
        var store: KeyValueStore? = KeyValueStore(maxBytes: .max)
        if let item { _ = store?.withExclusiveAccess { $0.put(item) } }
        item = nil
        #expect(block != nil)
        store = nil
        #expect(block == nil)
    }
}

extension KeyValueStore.PutResult {
    var isCreated: Bool { if case .created = self { true } else { false } }
    var isOutOfMemory: Bool { if case .outOfMemory = self { true } else { false } }
    var replaced: Item? { if case .replaced(let item) = self { item } else { nil } }
    var isPreconditionFailed: Bool { if case .preconditionFailed = self { true } else { false } }
}

extension KeyValueStore.RemoveResult {
    var removed: Item? { if case .removed(let item) = self { item } else { nil } }
    var isAbsent: Bool { if case .absent = self { true } else { false } }
    var isPreconditionFailed: Bool { if case .preconditionFailed = self { true } else { false } }
}

@Suite("KeyValueStore: the memory limit")
struct KeyValueStoreLimitTests {
    static let limit = 256 * 1024

    /// A store that is full of values of 100 bytes, and how many there are.
    static func full() -> (store: KeyValueStore, count: Int) {
        let store = KeyValueStore(maxBytes: limit)
        var count = 0
        while count < limit, !store.put("key_\(count)", valueBytes: 100).isOutOfMemory {
            count += 1
        }
        return (store, count)
    }

    @Test("A put above the limit is refused and changes nothing")
    func refuses() {
        let (store, count) = Self.full()
        let before = store.figures
        #expect(before.count == count)
        #expect(count > 1000)
        #expect(before.footprint <= Self.limit)
        for number in 0..<1000 {
            #expect(store.put("new_\(number)", valueBytes: 1000).isOutOfMemory)
        }
        #expect(store.figures == before)
        for number in 0..<count {
            let item = store.withExclusiveAccess { $0.item(for: Key("key_\(number)")) }
            #expect(item?.rawValueCount == 100)
        }
    }

    @Test("At the limit, a replacement that is no larger is stored, a larger one is refused")
    func replaces() {
        let (store, _) = Self.full()
        let before = store.figures
        #expect(store.put("key_0", valueBytes: 100).replaced?.rawValueCount == 100)
        #expect(store.figures == before)
        #expect(store.put("key_0", valueBytes: Self.limit).isOutOfMemory)
        #expect(store.figures == before)
        #expect(store.withExclusiveAccess { $0.item(for: Key("key_0")) }?.rawValueCount == 100)
        #expect(store.put("key_0", valueBytes: 1).replaced?.rawValueCount == 100)
        #expect(store.figures.footprint < before.footprint)
    }

    @Test("At the limit, a removal makes room for an item of the same size")
    func removes() {
        let (store, count) = Self.full()
        #expect(store.withExclusiveAccess { $0.remove(Key("key_\(count - 1)")) }.removed != nil)
        #expect(store.put("key_\(count - 1)", valueBytes: 100).isCreated)
    }

    @Test("The limit counts a table that has to grow for the new key")
    func countsTable() {
        let item = Item.make("k", "v")
        let block = MallocChunk.bytes(forRequestOf: 72)
        let tooSmall = KeyValueStore(maxBytes: item.footprint + block - 1)
        #expect(tooSmall.withExclusiveAccess { $0.put(item) }.isOutOfMemory)
        #expect(tooSmall.figures == Figures(count: 0, dataBytes: 0, footprint: 0))
        let enough = KeyValueStore(maxBytes: item.footprint + block)
        #expect(enough.withExclusiveAccess { $0.put(item) }.isCreated)
        #expect(enough.figures.footprint == item.footprint + block)
    }
}

private struct Figures: Equatable, Sendable {
    let count: Int
    let dataBytes: Int
    let footprint: Int
}

extension KeyValueStore {
    fileprivate nonisolated var figures: Figures {
        withExclusiveAccess {
            Figures(count: $0.count, dataBytes: $0.dataBytes, footprint: $0.footprint)
        }
    }

    fileprivate nonisolated func put(_ key: String, valueBytes: Int) -> PutResult {
        let item = Item.make(key, String(repeating: "v", count: valueBytes))
        return withExclusiveAccess { $0.put(item) }
    }
}
