import Basics
import Testing

@testable import KVSStore

@Suite("LocalEngine: lists")
struct ListingTests {
    @Test("A list has each key once, whatever the limit", arguments: [1, 2, 7, 1000, 10_000])
    func whole(limit: Int) {
        let engine = TestEngine()
        let keys = (0..<(limit == 1 ? 300 : 5000)).map { "key_\($0)" }
        for key in keys { engine.put(.make(key, "v")) }
        let batches = engine.batches(limit: limit)
        #expect(batches.allSatisfy { $0.count <= limit })
        #expect(batches.joined().sorted() == keys.sorted())
    }

    @Test("A list of a prefix has the keys that begin with it, that one itself included")
    func prefix() {
        let engine = TestEngine()
        for key in ["a", "ab", "abc", "b", "ba", "A"] { engine.put(.make(key, "v")) }
        #expect(engine.batches(prefix: "ab").joined().sorted() == ["ab", "abc"])
        #expect(engine.batches(prefix: "abcd").joined().isEmpty)
        #expect(engine.batches().joined().count == 6)
    }

    @Test("Expired keys are not listed")
    func expired() {
        let engine = TestEngine()
        engine.put(.make("stays", "v"))
        engine.put(.make("goes", "v", until: engine.clock.now + .seconds(1)))
        #expect(engine.batches().joined().sorted() == ["goes", "stays"])
        engine.clock.advance(by: .seconds(1))
        #expect(Array(engine.batches().joined()) == ["stays"])
    }

    @Test("A place of another store's list is not known")
    func places() throws {
        let (first, second) = (TestEngine(), TestEngine())
        for number in 0..<100 { first.put(.make("key_\(number)", "v")) }
        let place = try #require(first.batch(limit: 1, from: nil).next)
        guard case .unknownPlace = second.list(limit: 1, from: place) else {
            Issue.record("the place was taken")
            return
        }
    }

    /// The promise: what is there from the first batch to the last is listed once, and what is listed was
    /// there at some time; while others put and remove, and the segments grow and shrink under the list.
    @Test(
        "A key that stays is listed exactly once while the table changes",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func amongChanges(seed: UInt64) {
        var generator = StoreFixtures.Generator(seed: seed)
        let engine = TestEngine()
        let stayers = (0..<2000).map { "stay_\($0)" }
        for key in stayers { engine.put(.make(key, "v")) }
        var everThere = Set(stayers)
        var visitors: [String] = []
        var listed: [String] = []
        var place: ListPlace?
        var number = 0
        repeat {
            let batch = engine.batch(limit: .random(in: 1...400, using: &generator), from: place)
            listed += batch.keys
            place = batch.next
            // Waves: up to ten times as many keys come, and all go.
            let isHighTide = (listed.count / 500) % 2 == 0
            for _ in 0..<Int.random(in: 0..<2000, using: &generator) {
                if isHighTide || visitors.isEmpty {
                    number += 1
                    engine.put(.make("visit_\(number)", "v"))
                    everThere.insert("visit_\(number)")
                    visitors.append("visit_\(number)")
                } else {
                    engine.remove(visitors.removeLast())
                }
            }
            // A replacement is no absence.
            if let key = stayers.randomElement(using: &generator) { engine.put(.make(key, "new")) }
        } while place != nil
        #expect(listed.filter { $0.hasPrefix("stay_") }.sorted() == stayers.sorted())
        #expect(listed.allSatisfy { everThere.contains($0) })
        #expect(Set(listed).count == listed.count)
    }

    @Test("The same while other threads change the table")
    func concurrently() async {
        let engine = TestEngine()
        let stayers = (0..<3000).map { "stay_\($0)" }
        for key in stayers { engine.put(.make(key, "v")) }
        let store = engine.store
        let listed = await withTaskGroup(of: Void.self) { group in
            for writer in 0..<3 {
                group.addTask {
                    var number = 0
                    while !Task.isCancelled {
                        number += 1
                        let key = "visit_\(writer)_\(number % 20_000)"
                        if number / 20_000 % 2 == 0 {
                            _ = await store.put(.make(key, "v"))
                        } else {
                            _ = await store.remove(Key(key))
                        }
                    }
                }
            }
            let listed = (0..<20).map { _ in Array(engine.batches(limit: 150).joined()) }
            group.cancelAll()
            return listed
        }
        for list in listed {
            #expect(Set(list).count == list.count)
            #expect(list.filter { $0.hasPrefix("stay_") }.sorted() == stayers.sorted())
        }
    }
}

/// An engine, asked without a loop.
private struct TestEngine {
    let clock = ManualClock()
    let store: KeyValueStore
    private let engine: LocalEngine

    init() {
        store = KeyValueStore(maxBytes: .max) { [clock] in clock.now }
        engine = LocalEngine(store: store) { 0 }
    }

    func put(_ item: Item) { _ = outcome(of: .write(item, nil)) }

    func remove(_ key: String) { _ = outcome(of: .remove(Key(key), nil)) }

    func list(prefix: String? = nil, limit: Int, from place: ListPlace?) -> Outcome {
        outcome(of: .list(KeyQuery(prefix: prefix.map(Key.init), place: place, limit: limit)))
    }

    func batch(
        prefix: String? = nil,
        limit: Int,
        from place: ListPlace?
    ) -> (keys: [String], next: ListPlace?) {
        guard case .keys(let batch) = list(prefix: prefix, limit: limit, from: place) else {
            Issue.record("no keys")
            return ([], nil)
        }
        var keys: [String] = []
        batch.forEach { keys.append(String(decoding: $0, as: UTF8.self)) }
        return (keys, batch.next)
    }

    func batches(prefix: String? = nil, limit: Int = 1000) -> [[String]] {
        var batches: [[String]] = []
        var place: ListPlace?
        repeat {
            let batch = batch(prefix: prefix, limit: limit, from: place)
            batches.append(batch.keys)
            place = batch.next
        } while place != nil
        return batches
    }

    private func outcome(of operation: Operation) -> Outcome {
        final class Receiver: OutcomeReceiver {
            var outcome: Outcome?
            func receive(_ outcome: consuming Outcome) { self.outcome = outcome }
        }
        let receiver = Receiver()
        engine.perform(operation, for: receiver)
        guard let outcome = receiver.outcome else { preconditionFailure("no outcome") }
        return outcome
    }
}
