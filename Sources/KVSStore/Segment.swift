import Glibc

/// One part of a ``HashTable``: an open-addressing table of its own, which grows and shrinks by
/// itself.
///
/// The slots come in groups of eight, each group with its tags before its items, so that a look-up
/// mostly touches one or two cache lines here and one of the item. A key's search begins at the
/// group that its hash names and goes on, group by group, to the first that ends it.
///
/// Growing by a quarter, filled to seven eighths, a segment takes 10.3 to 12.9 bytes per item.
struct Segment: ~Copyable {
    /// Tags and items of eight slots, as they lie in memory.
    private static let groupBytes = 8 + TagGroup.slotCount * MemoryLayout<Item>.stride
    /// Of the eight slots of each group, so many are filled on average before the segment grows:
    /// the search for a key that is not there then still looks at two groups on average.
    private static let itemsPerGroup = 7

    private var block: UnsafeMutableRawPointer?
    private(set) var groupCount: UInt32 = 0
    /// The items in the segment.
    private(set) var count: UInt32 = 0
    /// How many slots that were never taken may still be taken before the segment is rebuilt.
    private var reserve: UInt32 = 0

    init() {}

    deinit {
        for group in 0..<Int(groupCount) {
            for slot in tags(of: group).pointee.occupied {
                (items(of: group) + slot).deinitialize(count: 1)
            }
        }
        free(block)
    }

    /// The bytes of memory that the slots take, see ``MallocChunk``; the items not counted.
    var footprint: Int { Self.footprint(groupCount: Int(groupCount)) }

    private static func footprint(groupCount: Int) -> Int {
        groupCount == 0 ? 0 : MallocChunk.bytes(forRequestOf: groupCount * groupBytes)
    }

    // MARK: Looking up

    /// A slot that holds an item. Valid until the segment is changed.
    struct Position {
        fileprivate let group: Int
        fileprivate let slot: Int
    }

    /// Where the item with this key is, or nil.
    ///
    /// - Complexity: O(1) expected.
    func position(of key: UnsafeRawBufferPointer, hash: UInt64) -> Position? {
        let tag = Self.tag(of: hash)
        var group = home(of: hash)
        for _ in 0..<groupCount {
            let tags = tags(of: group).pointee
            for slot in tags.candidates(for: tag) where items(of: group)[slot].hasKey(key) {
                return Position(group: group, slot: slot)
            }
            if tags.endsSearch { return nil }
            group = self.group(after: group)
        }
        return nil
    }

    subscript(position: Position) -> Item { items(of: position.group)[position.slot] }

    /// Gives the items to `body` whose hashes' low bits are `start` or more and belong to the next
    /// `groups` groups, with their hashes, in no order.
    ///
    /// - Returns: The low bits to go on from, where there are more; and how many groups were looked at.
    func scan(
        from start: UInt32,
        groups: Int,
        _ body: (Item, _ hash: UInt64) -> Void
    ) -> (next: UInt32?, groupsSeen: Int) {
        guard groupCount > 0 else { return (nil, 0) }
        var group = home(of: UInt64(start))
        let end = group + groups
        // The first low bits whose home is `end`; home(of:) rounds down.
        let next =
            end < groupCount
            ? UInt32((UInt64(end) << 32 + UInt64(groupCount) - 1) / UInt64(groupCount)) : nil
        let homes = min(groups, Int(groupCount) - group)
        var seen = 0
        while seen < groupCount {
            let tags = tags(of: group).pointee
            for slot in tags.occupied {
                let item = items(of: group)[slot]
                let hash = item.withKey { Key.hash(of: $0) }
                let low = UInt32(truncatingIfNeeded: hash)
                if low >= start, next.map({ low < $0 }) ?? true { body(item, hash) }
            }
            seen += 1
            // An item that found its home full lies behind it, in front of where a search for it ends.
            if seen >= homes, tags.endsSearch { break }
            group = self.group(after: group)
        }
        return (next, seen)
    }

    // MARK: Changing

    /// Puts `item` where another one with the same key is, and hands that one out.
    mutating func replace(at position: Position, with item: Item) -> Item {
        let slot = items(of: position.group) + position.slot
        let old = slot.move()
        slot.initialize(to: item)
        return old
    }

    /// By how many bytes ``footprint`` changes when a new item with this hash is inserted.
    func growth(forInserting hash: UInt64) -> Int {
        vacancy(for: hash) == nil ? Self.footprint(groupCount: rebuiltGroupCount) - footprint : 0
    }

    /// Inserts an item whose key is not in the segment.
    ///
    /// - Returns: False, and nothing has changed, where there is no memory for more slots.
    /// - Complexity: O(1) on average; O(``count``) when the segment has to grow.
    mutating func insert(_ item: Item, hash: UInt64) -> Bool {
        guard let vacancy = vacancy(for: hash) else {
            return rebuild(groupCount: rebuiltGroupCount) && insert(item, hash: hash)
        }
        place(item, tag: Self.tag(of: hash), at: vacancy)
        return true
    }

    /// Takes an item out.
    ///
    /// - Complexity: O(1) on average; O(``count``) when the segment shrinks.
    mutating func remove(at position: Position) -> Item {
        let item = (items(of: position.group) + position.slot).move()
        if tags(of: position.group).pointee.vacate(position.slot) { reserve += 1 }
        count -= 1
        let capacity = Int(groupCount) * Self.itemsPerGroup
        // Where there is no memory to shrink into, it stays as large as it is.
        if count == 0 {
            _ = rebuild(groupCount: 0)
        } else if groupCount > 1, Int(count) < capacity / 2 {
            // Room for a third more, so that it isn't soon rebuilt again, in either direction.
            _ = rebuild(groupCount: Int(count) * 4 / (Self.itemsPerGroup * 3) + 1)
        }
        return item
    }

    private mutating func place(_ item: Item, tag: UInt8, at vacancy: Position) {
        let tags = tags(of: vacancy.group)
        if !tags.pointee.isRemoved(vacancy.slot) { reserve -= 1 }
        tags.pointee.occupy(vacancy.slot, tag: tag)
        (items(of: vacancy.group) + vacancy.slot).initialize(to: item)
        count += 1
    }

    /// The slot that a new item with this hash takes; nil where the segment must be rebuilt first.
    private func vacancy(for hash: UInt64) -> Position? {
        var group = home(of: hash)
        for _ in 0..<groupCount {
            let tags = tags(of: group).pointee
            if let slot = tags.free.first {
                let isUsable = tags.isRemoved(slot) || reserve > 0
                return isUsable ? Position(group: group, slot: slot) : nil
            }
            group = self.group(after: group)
        }
        return nil
    }

    /// The size to rebuild to where there is no vacancy: larger, unless it is mostly removed items
    /// that fill the segment.
    private var rebuiltGroupCount: Int {
        let groupCount = Int(groupCount)
        let isFull = Int(count) * 8 > groupCount * Self.itemsPerGroup * 7
        return isFull ? max(groupCount + 1, groupCount * 5 / 4) : max(groupCount, 1)
    }

    /// Moves all items to a block of `newGroupCount` groups.
    ///
    /// - Returns: False, and nothing has changed, where there is no memory for it.
    private mutating func rebuild(groupCount newGroupCount: Int) -> Bool {
        // Not by Swift's allocator, which ends the process where there is none.
        let block = newGroupCount > 0 ? malloc(newGroupCount * Self.groupBytes) : nil
        guard newGroupCount == 0 || block != nil else { return false }
        var old = Segment()
        swap(&self, &old)
        if newGroupCount > 0 {
            self.block = block
            groupCount = UInt32(newGroupCount)
            reserve = UInt32(newGroupCount * Self.itemsPerGroup)
            for group in 0..<newGroupCount { tags(of: group).initialize(to: .vacant) }
        }
        for group in 0..<Int(old.groupCount) {
            let tags = old.tags(of: group).pointee
            old.tags(of: group).pointee = .vacant
            for slot in tags.occupied {
                let item = (old.items(of: group) + slot).move()
                let hash = item.withKey { Key.hash(of: $0) }
                guard let vacancy = vacancy(for: hash) else {
                    preconditionFailure("A segment was rebuilt too small for its items.")
                }
                place(item, tag: tags[slot], at: vacancy)
            }
        }
        return true
    }

    // MARK: Memory

    private func tags(of group: Int) -> UnsafeMutablePointer<TagGroup> {
        // Safe: called for groups below `groupCount` only, and there is a block when that is not 0.
        (block.unsafelyUnwrapped + group * Self.groupBytes).assumingMemoryBound(to: TagGroup.self)
    }

    private func items(of group: Int) -> UnsafeMutablePointer<Item> {
        // Safe: as in `tags(of:)`; the items follow the tags.
        (block.unsafelyUnwrapped + group * Self.groupBytes + MemoryLayout<TagGroup>.stride)
            .assumingMemoryBound(to: Item.self)
    }

    // MARK: What the bits of a hash are for

    // The segment itself is chosen by the highest bits, see `HashTable`.

    private static func tag(of hash: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: hash >> 40) | 0x80
    }

    /// The low 32 bits, scaled to the number of groups, which is no power of two.
    func home(of hash: UInt64) -> Int {
        // Shifts bind tighter than anything else.
        Int(truncatingIfNeeded: ((hash & 0xFFFF_FFFF) &* UInt64(groupCount)) &>> 32)
    }

    private func group(after group: Int) -> Int {
        group + 1 == Int(groupCount) ? 0 : group + 1
    }
}
