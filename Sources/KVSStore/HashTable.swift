/// The items, found by their keys.
///
/// A fixed number of segments, each a small table that grows by itself: a table in one piece would
/// move all of its items at once, and at ten million items that stops everybody for seconds. Here
/// one insertion moves the items of one segment at most, 1/4096 of all.
///
/// Not thread-safe: ``KeyValueStore`` holds it.
struct HashTable: ~Copyable {
    // 4096: empty, the table takes 96 KiB; with ten million items, growing one segment moves about
    // 2,400 of them, which takes a millisecond or two where each is a miss in all caches.
    private static let segmentBits: UInt64 = 12
    private static let segmentCount = 1 << Int(segmentBits)

    private let segments: UnsafeMutablePointer<Segment>

    /// The number of items.
    private(set) var count = 0

    /// The bytes of all keys and of all values as they are stored.
    private(set) var dataBytes = 0

    /// The bytes of memory that the items and the slots take, see ``MallocChunk``. The 96 KiB that
    /// the empty table has are not counted.
    private(set) var footprint = 0

    init() {
        segments = .allocate(capacity: Self.segmentCount)
        for segment in 0..<Self.segmentCount { (segments + segment).initialize(to: Segment()) }
    }

    deinit {
        segments.deinitialize(count: Self.segmentCount)
        segments.deallocate()
    }

    /// What ``put(_:maxBytes:)`` did.
    enum PutResult: Sendable {
        /// The key is new.
        case created
        /// The key was there; this was its item.
        case replaced(Item)
        /// The item would not fit. Nothing was changed.
        case outOfMemory
    }

    /// The item with this key, or nil.
    ///
    /// - Complexity: O(1) expected.
    @inline(__always)  // A call copies the key.
    func item(for key: borrowing Key) -> Item? {
        let segment = Self.segment(of: key.hash)
        guard let position = position(of: key) else { return nil }
        return segments[segment][position]
    }

    /// The item that has the key of another one, or nil.
    ///
    /// - Complexity: O(1) expected.
    func item(withKeyOf other: Item) -> Item? {
        other.withKey { key in
            let hash = Key.hash(of: key)
            let segment = Self.segment(of: hash)
            return segments[segment].position(of: key, hash: hash).map { segments[segment][$0] }
        }
    }

    /// Stores `item` under its key, replacing any item there.
    ///
    /// - Parameter maxBytes: What ``footprint`` may be afterwards. A replacement that takes no more
    ///   memory than what it replaces fits in any case.
    /// - Complexity: O(1) on average; O(``count`` / 4096) when a segment has to grow.
    mutating func put(_ item: Item, maxBytes: Int) -> PutResult {
        let hash = item.withKey { Key.hash(of: $0) }
        let segment = segments + Self.segment(of: hash)
        if let position = item.withKey({ segment.pointee.position(of: $0, hash: hash) }) {
            let growth = item.footprint - segment.pointee[position].footprint
            guard growth <= 0 || footprint + growth <= maxBytes else { return .outOfMemory }
            let old = segment.pointee.replace(at: position, with: item)
            footprint += growth
            dataBytes += item.dataBytes - old.dataBytes
            return .replaced(old)
        }
        let growth = item.footprint + segment.pointee.growth(forInserting: hash)
        guard footprint + growth <= maxBytes else { return .outOfMemory }
        guard segment.pointee.insert(item, hash: hash) else { return .outOfMemory }
        count += 1
        footprint += growth
        dataBytes += item.dataBytes
        return .created
    }

    /// Takes the item with this key out, or returns nil where there is none.
    ///
    /// - Complexity: O(1) on average; O(``count`` / 4096) when a segment shrinks.
    mutating func remove(_ key: borrowing Key) -> Item? {
        guard let position = position(of: key) else { return nil }
        return remove(at: position, of: Self.segment(of: key.hash))
    }

    /// Takes out the item that has the key of another one, as ``remove(_:)`` does.
    mutating func remove(withKeyOf other: Item) -> Item? {
        let hash = other.withKey { Key.hash(of: $0) }
        let segment = Self.segment(of: hash)
        guard let position = other.withKey({ segments[segment].position(of: $0, hash: hash) })
        else { return nil }
        return remove(at: position, of: segment)
    }

    private mutating func remove(at position: Segment.Position, of index: Int) -> Item {
        let segment = segments + index
        let slotsBefore = segment.pointee.footprint
        let item = segment.pointee.remove(at: position)
        count -= 1
        footprint += segment.pointee.footprint - slotsBefore - item.footprint
        dataBytes -= item.dataBytes
        return item
    }

    // MARK: - Listing

    /// An item, and where it stands in the order of ``scan(from:into:limit:where:)``.
    struct Listed: Sendable {
        let order: UInt64
        let item: Item
    }

    /// So many slots are looked at in one scan, and a few more: with ten million items that takes a third
    /// of a millisecond, as each is a miss in all caches (Benchmarks/StoreGrowth).
    private static let slotsPerScan = 768
    private static let groupsPerStep = 32
    /// What a scan may find at most, unless keys were chosen by somebody who knows the hash's seed.
    static let listedCapacity = slotsPerScan + 2 * groupsPerStep * TagGroup.slotCount

    /// Looks for items in the order of their hashes, which has the segment's number on top, then the bits
    /// that name the home in it. It is the same however the segments are rebuilt: what is there from the
    /// first scan to the last is found by exactly one of them.
    ///
    /// - Parameters:
    ///   - start: Where the scan before ended; 0 at the beginning.
    ///   - found: Gets the items, in no order.
    ///   - limit: As soon as there are so many, the scan ends; a few more may be there by then.
    /// - Returns: Where to go on; nil where there is nothing more.
    func scan(
        from start: UInt64,
        into found: inout [Listed],
        limit: Int,
        where isWanted: (Item) -> Bool
    ) -> UInt64? {
        var position = start
        var slots = 0
        while true {
            let segment = Int(position >> 52)
            let from = position
            let (next, groups) = segments[segment].scan(
                from: UInt32(truncatingIfNeeded: position >> 20),
                groups: Self.groupsPerStep
            ) { item, hash in
                let order = Self.order(of: hash)
                if order >= from, isWanted(item) { found.append(Listed(order: order, item: item)) }
            }
            if let next {
                position = UInt64(segment) << 52 | UInt64(next) << 20
            } else if segment + 1 < Self.segmentCount {
                position = UInt64(segment + 1) << 52
            } else {
                return nil
            }
            assert(position > from, "A list does not get on.")
            slots += groups * TagGroup.slotCount + 1
            if slots >= Self.slotsPerScan || found.count >= limit { return position }
        }
    }

    /// From the top: the segment's number, the bits that name the home, and the rest.
    private static func order(of hash: UInt64) -> UInt64 {
        hash & ~(~0 >> 12) | (hash & 0xFFFF_FFFF) << 20 | hash >> 32 & 0xF_FFFF
    }

    private func position(of key: borrowing Key) -> Segment.Position? {
        let hash = key.hash
        return key.withUnsafeBytes {
            segments[Self.segment(of: hash)].position(of: $0, hash: hash)
        }
    }

    private static func segment(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash >> (64 - segmentBits))
    }
}
