import Basics
import Testing

@testable import KVSStore

@Suite("KeyValueStore: expiry")
struct ExpiryTests {
    private let clock = ManualClock()
    private let store: KeyValueStore

    init() {
        store = KeyValueStore(maxBytes: .max) { [clock] in clock.now }
    }

    private func item(_ key: String, _ value: String = "v", seconds: Int64) -> Item {
        Item.make(key, value, until: clock.now + .seconds(seconds))
    }

    @Test("A key is there until its time is over, to the nanosecond")
    func reads() async {
        _ = await store.put(item("foo", seconds: 2))
        clock.advance(by: TimeSpan(nanoseconds: 1_999_999_999))
        #expect(await store.item(for: Key("foo")) != nil)
        clock.advance(by: TimeSpan(nanoseconds: 1))
        #expect(await store.item(for: Key("foo")) == nil)
    }

    @Test(
        "An expired key counts for nobody: not as replaced, not as removed, not for a precondition"
    )
    func writes() async {
        for key in ["put", "delete", "match", "noneMatch"] {
            _ = await store.put(item(key, seconds: 1))
        }
        clock.advance(by: .seconds(1))
        #expect(await store.put(.make("put", "new")).isCreated)
        #expect(await store.remove(Key("delete")).isAbsent)
        let any = Precondition(match: .any, noneMatch: nil)
        #expect(await store.put(.make("match", "new"), if: any).isPreconditionFailed)
        let none = Precondition(match: nil, noneMatch: .any)
        #expect(await store.put(.make("noneMatch", "new"), if: none).isCreated)
        #expect(await store.expiredCount == 3)
    }

    /// A clock that goes on each time it is asked: between what a condition was decided on and the write.
    @Test("A condition and its write see the same moment")
    func oneMoment() async {
        let clock = clock
        let store = KeyValueStore(maxBytes: .max) {
            clock.advance(by: .seconds(1))
            return clock.now
        }
        let any = Precondition(match: .any, noneMatch: nil)
        for seconds in 1...5 as ClosedRange<Int64> {
            _ = await store.put(item("foo", seconds: seconds))
            switch await store.put(.make("foo", "new"), if: any) {
            case .replaced, .preconditionFailed: break
            case .created, .outOfMemory: Issue.record("created what had to be there")
            }
        }
    }

    @Test("A put without a time takes the time away, one with another time sets that")
    func replaces() async {
        _ = await store.put(item("forever", seconds: 1))
        _ = await store.put(item("longer", seconds: 1))
        _ = await store.put(.make("forever", "v"))
        _ = await store.put(item("longer", seconds: 100))
        clock.advance(by: .seconds(50))
        store.sweep()
        #expect(await store.item(for: Key("forever")) != nil)
        #expect(await store.item(for: Key("longer")) != nil)
        clock.advance(by: .seconds(60))
        store.sweep()
        #expect(await store.count == 1)
    }

    @Test("Swept, nothing of what has expired is left, and nothing else is gone")
    func sweeps() async {
        for number in 0..<3000 {
            let seconds = Int64(number % 3) * 1000
            let key = "key_\(number)"
            _ = await store.put(seconds == 0 ? .make(key, "v") : item(key, seconds: seconds))
        }
        clock.advance(by: .seconds(1500))
        store.sweep()
        #expect(await store.count == 2000)
        clock.advance(by: .seconds(1500))
        store.sweep()
        #expect(await store.count == 1000)
        #expect(await store.expiredCount == 2000)
        for number in stride(from: 0, to: 3000, by: 3) {
            #expect(await store.remove(Key("key_\(number)")).removed != nil)
        }
        #expect(await [store.count, store.dataBytes, store.footprint] == [0, 0, 0])
    }

    @Test("One step takes out a few items, or about a MiB, and says that there are more")
    func steps() async {
        for number in 0..<1000 { _ = await store.put(item("small_\(number)", seconds: 1)) }
        for number in 0..<8 {
            let value = String(repeating: "v", count: 400_000)
            _ = await store.put(item("large_\(number)", value, seconds: 5))
        }
        clock.advance(by: .seconds(3))
        let sweep = ExpirySweep(of: store)
        #expect(sweep.step())
        #expect(await store.count >= 1008 - KeyValueStore.expiredPerStep)
        while sweep.step() {}
        #expect(await store.count == 8)
        clock.advance(by: .seconds(10))
        #expect(sweep.step())
        #expect(await store.count == 5)
    }

    /// The sweep has its share of a loop, and writes came faster than that.
    @Test("Who puts items that expire takes out those that have: there are never many of them")
    func writesSweep() async {
        let engine = LocalEngine(store: store) { 0 }
        for number in 0..<20_000 {
            engine.put(item("key_\(number)", seconds: 1))
            clock.advance(by: .milliseconds(1))
        }
        // A thousand are alive, and what is due waits for the end of its second.
        #expect(await store.count < 4000)
    }

    /// Also where all are due when a slot of the wheel's second level comes round.
    @Test(
        "Nothing is refused for what has expired",
        arguments: [1, 1024 - 1000 - 1, 4096 - 1000 - 1]
    )
    func makesRoom(seconds: Int64) async {
        let store = KeyValueStore(maxBytes: 1 << 20) { [clock] in clock.now }
        let engine = LocalEngine(store: store) { 0 }
        var number = 0
        while case .created = engine.put(item("key_\(number)", seconds: seconds)) { number += 1 }
        #expect(number > 1000)
        let large = Item.make("large", String(repeating: "v", count: 500_000))
        guard case .outOfMemory = engine.put(large) else {
            Issue.record("there was room")
            return
        }
        clock.advance(by: .seconds(seconds + 1))
        guard case .created = engine.put(large) else {
            Issue.record("refused for what has expired")
            return
        }
    }

    @Test("Items without a time are as large as before; with one they have 24 bytes more")
    func footprint() {
        let stays = Item.make("0123456789abcdef", String(repeating: "v", count: 64))
        let goes = item("0123456789abcdef", String(repeating: "v", count: 64), seconds: 1)
        #expect(stays.footprint == 112)
        #expect(goes.footprint == MallocChunk.bytes(forRequestOf: 16 + 8 + 80 + 24))
    }
}

extension LocalEngine {
    @discardableResult
    fileprivate func put(_ item: Item) -> Outcome {
        final class Receiver: OutcomeReceiver {
            var outcome = Outcome.absent
            func receive(_ outcome: consuming Outcome) { self.outcome = outcome }
        }
        let receiver = Receiver()
        perform(.write(item, nil), for: receiver)
        return receiver.outcome
    }
}

extension KeyValueStore {
    /// Takes out all that has expired.
    fileprivate nonisolated func sweep() {
        let sweep = ExpirySweep(of: self)
        while sweep.step() {}
    }
}
