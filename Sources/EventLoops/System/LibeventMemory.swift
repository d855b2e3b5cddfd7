import Basics
import CLibevent
import CMalloc
import Glibc
import Synchronization

/// libevent's allocator: malloc(3), and a reserve for small blocks where that has none.
///
/// libevent 2.1.12 does not survive a failure of each allocation: `evhttp_request_new` that has got no
/// memory for one of its lists frees what it has through a null pointer. Such blocks are small, and come
/// from the reserve. What is large may fail, and each caller here looks at that. While the reserve is half
/// used up, nobody new is let in (``isShort``). Any thread may use it.
package enum LibeventMemory {
    /// The largest block that comes from the reserve: the least buffer that libevent makes.
    private static let blockBytes = 1024
    private static let blockCount = 512

    private static let usedCount = Atomic(0)

    private final class Region: @unchecked Sendable {
        // Safe: the blocks in it belong to whoever has taken them off the list.
        /// The first block that is free; each begins with the address of the next one, so that neither
        /// taking nor giving back needs memory.
        private let free = LockedValue<UnsafeMutableRawPointer?>(nil)

        init() {
            let size = blockBytes * blockCount
            let start = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            regionStart = UInt(bitPattern: start)
            for number in 0..<blockCount { give(start + number * blockBytes) }
        }

        func take() -> UnsafeMutableRawPointer? {
            free.withLock { first in
                guard let block = first else { return nil }
                first = block.load(as: UnsafeMutableRawPointer?.self)
                return block
            }
        }

        func give(_ block: UnsafeMutableRawPointer) {
            free.withLock { first in
                block.storeBytes(of: first, as: UnsafeMutableRawPointer?.self)
                first = block
            }
        }
    }

    private static let region = Region()
    // Safe: written once, with the region. (A lazy constant would be looked at with each block.)
    @exclusivity(unchecked) nonisolated(unsafe) private static var regionStart: UInt = 0

    private static func isOfReserve(_ block: UnsafeMutableRawPointer) -> Bool {
        // One comparison, for each block that is freed: what lies in front of the region wraps around.
        UInt(bitPattern: block) &- regionStart < UInt(blockBytes * blockCount)
    }

    private static let installOnce: Void = {
        // Now, not when memory has failed for the first time.
        _ = region
        event_set_mem_functions(
            { LibeventMemory.allocate($0) },
            { LibeventMemory.resize($0, $1, LibeventMemory.grow) },
            { LibeventMemory.release($0) }
        )
    }()

    /// Makes it libevent's. Call it before anything else of libevent; only the first call does anything.
    package static func install() { installOnce }

    /// A block for libevent, which frees it; nil where there is no memory for it.
    package static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        let cache = BlockCache.ofThread
        if let block = cache?.take(size) ?? malloc(size) { return block }
        cache?.removeAll()
        return grow(nil, size) ?? takeReserve(size)
    }

    /// Before Swift's runtime finds that there is no memory, which it does not survive.
    private static func grow(
        _ block: UnsafeMutableRawPointer?,
        _ size: Int
    ) -> UnsafeMutableRawPointer? {
        if let grown = realloc(block, size) { return grown }
        // What is large may fail, and is refused.
        guard size <= Headroom.reserveBytes else { return nil }
        MemoryBallast.running.drop()
        return realloc(block, size)
    }

    /// Whether nothing new should be begun.
    package static var isShort: Bool { usedCount.load(ordering: .relaxed) > blockCount / 2 }

    /// A block of the reserve; nil where `size` is more than it has, or none is left.
    package static func takeReserve(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size <= blockBytes, let block = region.take() else { return nil }
        usedCount.add(1, ordering: .relaxed)
        return block
    }

    /// What realloc(3) does, with `grow` for blocks that are not of the reserve.
    package static func resize(
        _ block: UnsafeMutableRawPointer?,
        _ size: Int,
        _ grow: (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer?
    ) -> UnsafeMutableRawPointer? {
        guard let block, isOfReserve(block) else {
            if let grown = grow(block, size) { return grown }
            guard let moved = takeReserve(size) else { return nil }
            if let block {
                moved.copyMemory(from: block, byteCount: min(malloc_usable_size(block), size))
                Glibc.free(block)
            }
            return moved
        }
        guard size > blockBytes else { return block }
        guard let moved = grow(nil, size) else { return nil }
        moved.copyMemory(from: block, byteCount: blockBytes)
        release(block)
        return moved
    }

    /// What free(3) does.
    package static func release(_ block: UnsafeMutableRawPointer?) {
        guard let block else { return }
        guard isOfReserve(block) else {
            if BlockCache.ofThread?.keep(block) != true { Glibc.free(block) }
            return
        }
        region.give(block)
        usedCount.subtract(1, ordering: .relaxed)
    }
}
