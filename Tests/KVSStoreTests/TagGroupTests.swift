import Testing

@testable import KVSStore

@Suite("TagGroup")
struct TagGroupTests {
    @Test("Slots are found as one by one comparison finds them")
    func againstModel() {
        var generator = StoreFixtures.Generator(seed: 7)
        for _ in 0..<5000 {
            var group = TagGroup.vacant
            var model: [UInt8] = []
            for slot in 0..<TagGroup.slotCount {
                // Few different tags, so that there are equal ones and neighbours by one bit.
                let tag = UInt8.random(in: 0x80...0x83, using: &generator)
                let kind = Int.random(in: 0..<4, using: &generator)
                model.append(kind == 0 ? 0 : kind == 1 ? 1 : tag)
                group[slot] = model[slot]
            }
            let slots = 0..<TagGroup.slotCount
            #expect(slots.map { group[$0] } == model)
            #expect(Array(group.occupied) == slots.filter { model[$0] >= 0x80 })
            #expect(Array(group.free) == slots.filter { model[$0] < 0x80 })
            #expect(group.endsSearch == model.contains(0))
            #expect(slots.filter { group.isRemoved($0) } == slots.filter { model[$0] == 1 })
            for tag in 0x80...0x83 as ClosedRange<UInt8> {
                let found = Set(group.candidates(for: tag))
                #expect(found.isSuperset(of: slots.filter { model[$0] == tag }))
                #expect(found.isSubset(of: slots.filter { model[$0] | 1 == tag | 1 }))
            }
        }
    }

    @Test("A slot of a full group is marked when it is vacated, one of another group is not")
    func vacate() {
        var full = TagGroup.vacant
        for slot in 0..<8 { full.occupy(slot, tag: 0x80) }
        #expect(!full.endsSearch)
        let fullLeavesNoMark = full.vacate(3)
        #expect(!fullLeavesNoMark)
        #expect(!full.endsSearch)
        #expect(full.free.first == 3)
        #expect(full.isRemoved(3))

        var partial = TagGroup.vacant
        for slot in 0..<7 { partial.occupy(slot, tag: 0x80) }
        let partialLeavesNoMark = partial.vacate(3)
        #expect(partialLeavesNoMark)
        #expect(partial.endsSearch)
        #expect(!partial.isRemoved(3))
    }
}
