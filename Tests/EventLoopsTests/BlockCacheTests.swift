import Glibc
import TestSupport
import Testing

@testable import Basics
@testable import EventLoops

/// Under a sanitizer no thread has a cache.
@Suite("BlockCache", .enabled(if: HeapFixtures.isGlibc, Comment(rawValue: HeapFixtures.otherHeap)))
struct BlockCacheTests {
    /// The largest block that is kept has this many bytes that can be used, or up to 15 more.
    private static let largest = 16 * 129 + 8

    /// What `body` finds wrong on a thread of its own that has a cache, which goes with it. Who expects
    /// something there is of no test.
    private static func faults(
        _ body: @escaping @Sendable (_ cache: BlockCache, _ faults: inout [String]) -> Void
    ) -> [String] {
        let found = LockedValue<[String]>([])
        onThreads(1) { _ in
            BlockCache.giveToThread()
            found.withLock { faults in
                if let cache = BlockCache.ofThread {
                    body(cache, &faults)
                } else {
                    faults.append("the thread has no cache")
                }
            }
        }
        return found.withLock { $0 }
    }

    private static func block(_ size: Int) -> UnsafeMutableRawPointer {
        guard let block = malloc(size) else { preconditionFailure("no memory for a test") }
        return block
    }

    private static func usableBytes(_ block: UnsafeMutableRawPointer) -> Int {
        HeapFixtures.chunkBytes(of: block) - 8
    }

    /// `count` blocks of exactly that many bytes. malloc(3) gives 16 more where the rest would be no chunk.
    private static func blocks(_ count: Int, of size: Int) -> [UnsafeMutableRawPointer] {
        var (blocks, larger): ([UnsafeMutableRawPointer], [UnsafeMutableRawPointer]) = ([], [])
        while blocks.count < count {
            let block = block(size)
            if usableBytes(block) == size { blocks.append(block) } else { larger.append(block) }
        }
        for block in larger { free(block) }
        return blocks
    }

    @Test("A block is large enough for what was asked, for all sizes, whatever is kept")
    func largeEnough() {
        let faults = Self.faults { cache, faults in
            var random = SeededGenerator(seed: 1)
            for _ in 0..<3 {
                for size in 1...3000 {
                    let block = Self.block(size)
                    if !cache.keep(block) { free(block) }
                }
                for size in Array(0...3000).shuffled(using: &random) {
                    guard let block = cache.take(size) else { continue }
                    if Self.usableBytes(block) < size { faults.append("too small for \(size)") }
                    free(block)
                }
            }
        }
        #expect(faults == [])
    }

    @Test("A block that is kept comes back for what it is large enough for, and no other is there")
    func comesBack() {
        let faults = Self.faults { cache, faults in
            for size in 1...3000 {
                let block = Self.block(size)
                let usable = Self.usableBytes(block)
                guard cache.keep(block) else {
                    if usable < Self.largest + 16 { faults.append("\(usable) bytes are not kept") }
                    free(block)
                    continue
                }
                if usable >= Self.largest + 16 { faults.append("\(usable) bytes are kept") }
                // The least and the most that it serves, and what it does not.
                let served = usable > 24 ? [usable, usable - 15] : [24, 1, 0]
                let others = [usable + 1, usable + 16, usable + 1000]
                for wanted in others + (usable > 24 ? [usable - 16] : []) {
                    if cache.take(wanted) != nil { faults.append("\(usable) for \(wanted)") }
                }
                for wanted in served {
                    guard cache.take(wanted) == block else {
                        faults.append("nothing for \(wanted) bytes")
                        break
                    }
                    if cache.take(wanted) != nil { faults.append("a block is there twice") }
                    if !cache.keep(block) { faults.append("a block is not kept again") }
                }
                _ = cache.take(usable)
            }
        }
        #expect(faults == [])
    }

    @Test("Of each size 32 KiB are kept and no more, whatever is kept of the others")
    func limit() {
        let faults = Self.faults { cache, faults in
            for size in stride(from: 24, through: Self.largest, by: 16) {
                let limit = (32_768 + size - 9) / (size - 8)
                let blocks = Self.blocks(limit + 2, of: size)
                let kept = blocks.map { cache.keep($0) }
                guard kept == blocks.indices.map({ $0 < limit }) else {
                    faults.append("\(kept.count { $0 }) of \(size) bytes are kept")
                    continue
                }
                // One leaves, and there is room for one.
                let hasLeft = cache.take(size) == blocks[limit - 1]
                let again = blocks.suffix(2).map { cache.keep($0) }
                if !hasLeft || again != [true, false] {
                    faults.append("no room for \(size) bytes")
                }
            }
        }
        #expect(faults == [])
    }

    @Test("The last block that was kept comes first")
    func order() {
        let faults = Self.faults { cache, faults in
            let blocks = Self.blocks(100, of: 40)
            let kept = blocks.filter { cache.keep($0) }
            let taken = blocks.map { _ in cache.take(40) }
            if kept.reversed() != taken { faults.append("another order") }
            if cache.take(40) != nil { faults.append("one too many") }
            for block in taken { free(block) }
        }
        #expect(faults == [])
    }

    @Test("A thread has no cache until it is given one, and then its own")
    func threads() {
        let hadOne = LockedValue<[Bool]>([])
        onThreads(2) { _ in
            let hasOne = BlockCache.ofThread != nil
            hadOne.withLock { $0.append(hasOne) }
        }
        #expect(hadOne.withLock { $0 } == [false, false])

        let faults = Self.faults { cache, faults in
            let block = Self.blocks(1, of: 104)[0]
            if !cache.keep(block) { faults.append("it is not kept") }
            let others = Self.faults { other, faults in
                if other.take(104) != nil { faults.append("another thread's block") }
            }
            faults += others
            // To be given one again changes nothing.
            BlockCache.giveToThread()
            if BlockCache.ofThread?.take(104) != block { faults.append("another cache") }
        }
        #expect(faults == [])
    }

    @Test("libevent's blocks go to the cache of the thread that frees them, and come from it")
    func libevent() {
        let faults = Self.faults { cache, faults in
            guard let block = LibeventMemory.allocate(104) else {
                faults.append("no memory")
                return
            }
            let usable = Self.usableBytes(block)
            LibeventMemory.release(block)
            guard LibeventMemory.allocate(usable) == block else {
                faults.append("it does not come back")
                return
            }
            LibeventMemory.release(block)
            if cache.take(usable) != block { faults.append("it is not kept") }
        }
        #expect(faults == [])
    }
}
