import Basics

/// The items that expire, by the second in which they do: a hierarchical timing wheel (Varghese and Lauck,
/// 1987).
///
/// Its lists go through the items themselves (``Item/Block``): it takes no memory for an item, and an
/// item goes in and out in constant time. An item is put into the slot of the highest digit, to the base of
/// 64, in which its second differs from the present one; when that digit comes round, it is put into a slot
/// of a lower one.
///
/// It does not hold the items: whoever takes one out of the table takes it out of here. Not thread-safe:
/// ``KeyValueStore`` holds it.
struct ExpiryWheel: ~Copyable {
    private static let digitBits = 6
    private static let slotCount = 1 << digitBits
    private static let slotMask: UInt64 = 63
    /// Enough for 2,000 years of seconds.
    private static let levelCount = 6

    /// What is to be done next.
    enum Step {
        /// The time of this item has passed. It is no longer in the wheel.
        case expired(Item)
        /// An item, or the time, was moved: there is more to do.
        case moved
        /// Nothing, at this time.
        case none
    }

    /// A link of a node: 0 is the end; a block's address; or, with the lowest bit set, the slot whose list
    /// begins here.
    typealias Link = UInt

    /// The first of each slot's list, level by level.
    private let heads: UnsafeMutablePointer<Link>
    /// Which slots of a level have a list.
    private var occupied = InlineArray<6, UInt64>(repeating: 0)
    /// The second up to which all is done.
    private var current: UInt64

    /// The items in it.
    private(set) var count = 0

    init(start: MonotonicTime) {
        heads = .allocate(capacity: Self.levelCount * Self.slotCount)
        heads.initialize(repeating: 0, count: Self.levelCount * Self.slotCount)
        current = Self.second(of: start)
    }

    deinit { heads.deallocate() }

    /// Puts an item in that expires.
    mutating func insert(_ item: Item) {
        link(item.block)
        count += 1
    }

    /// Takes an item out that is in it.
    mutating func remove(_ item: Item) {
        unlink(item.block)
        count -= 1
    }

    /// Does one small thing of those that are due. Where it returns ``Step/none``, all is done.
    mutating func step(at now: MonotonicTime) -> Step {
        let now = Self.second(of: now)
        // A digit that has come round: its items go to lower ones.
        for level in stride(from: Self.levelCount - 1, through: 1, by: -1) {
            let digit = Self.digit(level, of: current)
            guard occupied[level] >> digit & 1 != 0 else { continue }
            let block = first(of: level, digit)
            unlink(block)
            // What is due goes at once: at the end of a minute or an hour, there may be nothing else here.
            if Self.dueSecond(of: block.deadline) <= now {
                count -= 1
                return .expired(Item(block: block))
            }
            link(block)
            return .moved
        }
        for level in 0..<Self.levelCount {
            let shift = UInt64(level * Self.digitBits)
            let digit = Self.digit(level, of: current)
            // On the lowest level, the present second counts as well.
            let ahead = occupied[level] & (level == 0 ? ~0 << digit : ~1 << digit)
            guard ahead != 0 else { continue }
            let next = UInt64(ahead.trailingZeroBitCount)
            let second = (current >> shift & ~Self.slotMask | next) << shift
            guard second <= now else { break }
            current = second
            guard level == 0 else { return .moved }
            let block = first(of: level, next)
            unlink(block)
            count -= 1
            return .expired(Item(block: block))
        }
        current = max(current, now)
        return .none
    }

    /// The first second at whose beginning a deadline has passed.
    private static func dueSecond(of deadline: MonotonicTime) -> UInt64 { second(of: deadline) + 1 }

    private static func second(of time: MonotonicTime) -> UInt64 {
        UInt64(max(0, time.nanoseconds)) / 1_000_000_000
    }

    private static func digit(_ level: Int, of second: UInt64) -> UInt64 {
        second >> UInt64(level * digitBits) & slotMask
    }

    // MARK: - Lists

    private mutating func link(_ block: Item.Block) {
        let second = max(Self.dueSecond(of: block.deadline), current)
        let difference = second ^ current
        let level =
            difference == 0 ? 0 : (63 - difference.leadingZeroBitCount) / Self.digitBits
        let digit = Self.digit(level, of: second)
        let slot = level * Self.slotCount + Int(digit)
        let next = heads[slot]
        block.previous = UInt(slot) << 1 | 1
        block.next = next
        if next != 0 { Self.block(at: next).previous = Self.link(to: block) }
        heads[slot] = Self.link(to: block)
        occupied[level] |= 1 << digit
    }

    private mutating func unlink(_ block: Item.Block) {
        let (previous, next) = (block.previous, block.next)
        if next != 0 { Self.block(at: next).previous = previous }
        guard previous & 1 != 0 else {
            Self.block(at: previous).next = next
            return
        }
        let slot = Int(previous >> 1)
        heads[slot] = next
        if next == 0 {
            occupied[slot / Self.slotCount] &= ~(1 << UInt64(slot % Self.slotCount))
        }
    }

    private func first(of level: Int, _ digit: UInt64) -> Item.Block {
        Self.block(at: heads[level * Self.slotCount + Int(digit)])
    }

    private static func link(to block: Item.Block) -> Link {
        UInt(bitPattern: Unmanaged.passUnretained(block).toOpaque())
    }

    private static func block(at link: Link) -> Item.Block {
        // Safe: the table holds each item as long as it is linked, and what is linked is never 0.
        Unmanaged<Item.Block>.fromOpaque(UnsafeRawPointer(bitPattern: link)!).takeUnretainedValue()
    }
}
