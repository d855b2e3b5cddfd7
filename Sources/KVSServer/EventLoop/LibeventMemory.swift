import CLibevent
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

    /// The blocks that are free, as offsets in ``region``.
    private static let free = LockedValue<[Int]>((0..<blockCount).map { $0 * blockBytes })
    private static let usedCount = Atomic(0)

    private struct Region: @unchecked Sendable {
        // Safe: the blocks in it belong to whoever has taken them out of `free`.
        let start: UnsafeMutableRawPointer
        let end: UnsafeMutableRawPointer
    }

    /// 512 KiB of address space, of which the kernel gives pages when they are used.
    private static let region: Region = {
        let size = blockBytes * blockCount
        let start = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        return Region(start: start, end: start + size)
    }()

    private static let installOnce: Void = {
        _ = region
        event_set_mem_functions(
            { malloc($0) ?? LibeventMemory.takeReserve($0) },
            { LibeventMemory.resize($0, $1) { realloc($0, $1) } },
            { LibeventMemory.release($0) }
        )
    }()

    /// Makes it libevent's. Call it before anything else of libevent; only the first call does anything.
    static func install() { installOnce }

    /// Whether nothing new should be begun.
    static var isShort: Bool { usedCount.load(ordering: .relaxed) > blockCount / 2 }

    /// A block of the reserve; nil where `size` is more than it has, or none is left.
    package static func takeReserve(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size <= blockBytes, let offset = free.withLock({ $0.popLast() }) else { return nil }
        usedCount.add(1, ordering: .relaxed)
        return region.start + offset
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
        guard let block, isOfReserve(block) else {
            Glibc.free(block)
            return
        }
        free.withLock { $0.append(block - region.start) }
        usedCount.subtract(1, ordering: .relaxed)
    }

    private static func isOfReserve(_ block: UnsafeMutableRawPointer) -> Bool {
        block >= region.start && block < region.end
    }
}
