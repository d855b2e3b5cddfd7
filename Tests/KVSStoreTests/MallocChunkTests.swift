import Glibc
import TestSupport
import Testing

@testable import KVSStore

@Suite("MallocChunk", .enabled(if: HeapFixtures.isGlibc, Comment(rawValue: HeapFixtures.otherHeap)))
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
