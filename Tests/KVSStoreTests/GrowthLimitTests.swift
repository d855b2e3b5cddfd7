import Testing

@testable import KVSStore

@Suite("A heap that outgrows its items")
struct GrowthLimitTests {
    @Test("Below the ceiling it holds nothing back, however often it is told")
    func below() {
        var limit = GrowthLimit(ceiling: 1000, floor: 0)
        for resident in [0, 500, 999, 1000] {
            limit.note(resident: resident, present: 100)
            #expect(limit.footprint == .max)
        }
    }

    @Test("Above it items may take what they did then: a delete makes room for as much")
    func above() {
        var limit = GrowthLimit(ceiling: 1000, floor: 0)
        limit.note(resident: 1001, present: 700)
        #expect(limit.footprint == 700)
        // Half of the items are gone, and the heap is as it was: the holes are theirs to fill.
        limit.note(resident: 1001, present: 350)
        #expect(limit.footprint == 700)
        limit.note(resident: 1010, present: 500)
        #expect(limit.footprint == 700)
    }

    @Test("Where it grows on by more than 1 %, the holes do not serve: no more than there is now")
    func further() {
        var limit = GrowthLimit(ceiling: 1000, floor: 0)
        limit.note(resident: 1001, present: 700)
        limit.note(resident: 1012, present: 500)
        #expect(limit.footprint == 500)
        limit.note(resident: 1012, present: 450)
        #expect(limit.footprint == 500)
        limit.note(resident: 1030, present: 460)
        #expect(limit.footprint == 460)
    }

    /// An empty store refused everything for good: connections and the program itself were above the ceiling.
    @Test("What else is resident takes nothing from the floor, however often it is told")
    func floor() {
        var limit = GrowthLimit(ceiling: 1000, floor: 300)
        for resident in [1001, 2000, 4000] {
            limit.note(resident: resident, present: 0)
            #expect(limit.footprint == 300)
        }
        limit.note(resident: 8000, present: 700)
        #expect(limit.footprint == 700)
    }

    @Test("Once the heap has given back what is above the ceiling, it holds nothing back")
    func back() {
        var limit = GrowthLimit(ceiling: 1000, floor: 0)
        limit.note(resident: 2000, present: 700)
        limit.note(resident: 1000, present: 100)
        #expect(limit.footprint == .max)
    }

    @Test("A store that is told of such a heap refuses what is new, and takes what replaces")
    func store() async {
        let store = KeyValueStore(maxBytes: 1 << 20, ceiling: 1000, floor: 0)
        #expect(await store.put(Item.make("foo", "bar")).isCreated)
        await store.note(resident: 1001)
        #expect(await store.put(Item.make("fop", "bar")).isOutOfMemory)
        #expect(await store.put(Item.make("foo", "baz")).replaced != nil)
        #expect(await store.remove(Key("foo")).removed != nil)
        #expect(await store.put(Item.make("fop", "bar")).isCreated)
    }
}
