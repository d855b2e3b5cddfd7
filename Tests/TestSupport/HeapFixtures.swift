import Glibc

/// What can be asked of the heap in use.
package enum HeapFixtures {
    /// Why a test of glibc's heap is skipped.
    package static let otherHeap = "the heap is not glibc's"

    /// Sanitizers bring a heap of their own, with other rules.
    package static let isGlibc: Bool = {
        guard let block = malloc(1) else { return false }
        defer { free(block) }
        // 16 more where a freed chunk is reused whose rest would be no chunk by itself.
        return [32, 48].contains(chunkBytes(of: block))
    }()

    /// The bytes of the chunk around a block below the mmap threshold: with its size field.
    package static func chunkBytes(of block: UnsafeMutableRawPointer) -> Int {
        typealias Function = @convention(c) (UnsafeMutableRawPointer) -> Int
        // By name, because <malloc.h> is not part of Swift's Glibc module.
        guard let address = dlsym(nil, "malloc_usable_size") else { return 0 }
        // Safe: this is the function's type in <malloc.h>.
        return unsafeBitCast(address, to: Function.self)(block) + 8
    }
}
