import Glibc
import Testing

@testable import KVSStore

/// What can be asked of the heap in use.
enum HeapFixtures {
    /// Sanitizers bring a heap of their own, with other rules.
    static let isGlibc: Bool = {
        guard let block = malloc(1) else { return false }
        defer { free(block) }
        // 16 more where a freed chunk is reused whose rest would be no chunk by itself.
        return [32, 48].contains(chunkBytes(of: block))
    }()

    /// The bytes of the chunk around a block below the mmap threshold: with its size field.
    static func chunkBytes(of block: UnsafeMutableRawPointer) -> Int {
        typealias Function = @convention(c) (UnsafeMutableRawPointer) -> Int
        // By name, because <malloc.h> is not part of Swift's Glibc module.
        guard let address = dlsym(nil, "malloc_usable_size") else { return 0 }
        // Safe: this is the function's type in <malloc.h>.
        return unsafeBitCast(address, to: Function.self)(block) + 8
    }
}

@Suite("MallocChunk", .enabled(if: HeapFixtures.isGlibc))
struct MallocChunkTests {
    @Test("Small requests take what glibc gives for them")
    func small() throws {
        for byteCount in Array(0...1100) + [4095, 4096, 65_536, 131_000] {
            let block = try #require(malloc(byteCount))
            let chunk = HeapFixtures.chunkBytes(of: block)
            free(block)
            let expected = MallocChunk.bytes(forRequestOf: byteCount)
            // 16 more where a freed chunk is reused whose rest would be no chunk by itself.
            #expect(chunk == expected || chunk == expected + 16, "\(byteCount) bytes")
        }
    }

    @Test("Large requests take whole pages, and 16 bytes before the block")
    func large() {
        #expect(MallocChunk.bytes(forRequestOf: 128 * 1024) == 33 * 4096)
        #expect(MallocChunk.bytes(forRequestOf: 40 * 4096 - 16) == 40 * 4096)
        #expect(MallocChunk.bytes(forRequestOf: 40 * 4096 - 15) == 41 * 4096)
    }
}
