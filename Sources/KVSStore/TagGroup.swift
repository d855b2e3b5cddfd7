/// The tags of eight slots of a ``Segment``, in one machine word, so that all are compared at once.
///
/// A tag is one byte: 0 where the slot was never taken, 1 where its item has been removed, and
/// 0x80 with seven bits of the key's hash where it holds an item. The slots are numbered from the
/// word's lowest byte.
struct TagGroup {
    static let slotCount = 8

    private static let removed: UInt8 = 0x01
    private static let lowBits: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private var word: UInt64

    /// A group whose slots were never taken.
    static var vacant: TagGroup { TagGroup(word: 0) }

    /// The slots that hold an item.
    var occupied: SlotSet { SlotSet(highBits: word & Self.highBits) }

    /// The slots that hold no item, whether one was removed from them or not.
    var free: SlotSet { SlotSet(highBits: ~word & Self.highBits) }

    /// Whether some slot was never taken: then no key whose search begins here or before lies
    /// further on.
    var endsSearch: Bool { ~word & ~(word << 7) & Self.highBits != 0 }

    /// The slots that hold an item with this tag, and now and then one that holds another: a
    /// borrow from the slot before makes a tag that differs in the lowest bit look equal. The keys
    /// are compared in any case.
    func candidates(for tag: UInt8) -> SlotSet {
        let difference = word ^ (UInt64(tag) &* Self.lowBits)
        return SlotSet(highBits: (difference &- Self.lowBits) & ~difference & Self.highBits)
    }

    func isRemoved(_ slot: Int) -> Bool { self[slot] == Self.removed }

    mutating func occupy(_ slot: Int, tag: UInt8) { self[slot] = tag }

    /// Marks `slot` as free again.
    ///
    /// Where the group ends searches, no search has ever gone past it since the table was built
    /// (a full group never gets a slot back that counts as never taken), so the slot needs no mark.
    ///
    /// - Returns: Whether the slot counts as never taken.
    mutating func vacate(_ slot: Int) -> Bool {
        let leavesNoMark = endsSearch
        self[slot] = leavesNoMark ? 0 : Self.removed
        return leavesNoMark
    }

    subscript(slot: Int) -> UInt8 {
        get { UInt8(truncatingIfNeeded: word &>> UInt64(slot &* 8)) }
        set {
            let shift = UInt64(slot &* 8)
            word = word & ~(0xFF &<< shift) | UInt64(newValue) &<< shift
        }
    }

    /// Some slots of a group, as one bit for each: the highest of its byte.
    struct SlotSet: Sequence, IteratorProtocol {
        var highBits: UInt64

        var first: Int? { highBits == 0 ? nil : highBits.trailingZeroBitCount &>> 3 }

        mutating func next() -> Int? {
            guard let slot = first else { return nil }
            highBits &= highBits &- 1
            return slot
        }
    }
}
