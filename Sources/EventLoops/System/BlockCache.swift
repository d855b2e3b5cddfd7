import CLibevent
import CMalloc
import Glibc
import Synchronization

/// Free blocks of a loop's thread, kept for what libevent allocates next: small ones of each size, and one
/// large one.
///
/// libevent makes and frees dozens of small blocks for each request, more than malloc(3) keeps at hand for
/// a thread (7 of a size). A large body has a mapping of its own, whose pages the kernel makes,
/// one fault after the other, and takes back: that took more than to read it. A thread that is no loop's
/// has no cache.
struct BlockCache {
    /// Blocks of one size that are free.
    private struct Class {
        /// Each block begins with the address of the next one.
        var first: UnsafeMutableRawPointer?
        var bytes: Int
    }

    /// Blocks of up to 16 * 129 + 8 bytes, in steps of 16, as malloc(3) makes them.
    private static let classCount = 130
    /// What is kept of one size.
    private static let maximumClassBytes = 32_768

    /// What is kept as a large one. The body of the largest value, unescaped, takes 2 MiB of libevent.
    private static let largeBytes = 131_072..<(2 << 20) + 8192
    /// So many threads may have one: with many loops it would be much in a small container.
    private static let maximumLargeCount = 4
    private static let largeCount = Atomic(0)

    /// Frees a thread's cache when that ends; nil where no thread is to have one.
    private static let key: pthread_key_t? = {
        // A sanitizer is to see each block go.
        let sanitizers = ["__asan_init", "__tsan_init"]
        guard sanitizers.allSatisfy({ dlsym(nil, $0) == nil }) else { return nil }
        var key: pthread_key_t = 0
        return pthread_key_create(&key, { BlockCache.destroy($0) }) == 0 ? key : nil
    }()

    private let classes: UnsafeMutablePointer<Class>

    private init(_ block: UnsafeMutableRawPointer) {
        classes = block.assumingMemoryBound(to: Class.self)
    }

    /// Where the present thread notes its own. (Measured: pthread_getspecific(3) took what this saves.)
    ///
    /// Never inlined: the variable is one for each file that is compiled.
    @inline(never)
    private static func slot() -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        // Safe: the address of a variable is never null.
        kvs_thread_slot()!
    }

    /// The present thread's; nil where it has none.
    @inline(__always)
    static var ofThread: BlockCache? { slot().pointee.map { BlockCache($0) } }

    /// Gives the present thread a cache, until it ends. Without memory for that it has none.
    static func giveToThread() {
        guard let key, ofThread == nil,
            let block = calloc(classCount + 1, MemoryLayout<Class>.stride)
        else { return }
        guard pthread_setspecific(key, block) == 0 else {
            free(block)
            return
        }
        slot().pointee = block
    }

    private static func destroy(_ block: UnsafeMutableRawPointer?) {
        guard let block else { return }
        slot().pointee = nil
        BlockCache(block).removeAll()
        free(block)
    }

    /// Frees all blocks.
    func removeAll() {
        free(forgetLarge())
        for index in 0..<Self.classCount {
            while let block = classes[index].first {
                classes[index].first = block.load(as: UnsafeMutableRawPointer?.self)
                free(block)
            }
            classes[index].bytes = 0
        }
    }

    /// A block of at least `size` bytes; nil where none is kept.
    @inline(__always)
    func take(_ size: Int) -> UnsafeMutableRawPointer? {
        let index = max(1, (size &+ 7) >> 4)
        guard index < Self.classCount else { return takeLarge(size) }
        guard let block = classes[index].first else { return nil }
        classes[index].first = block.load(as: UnsafeMutableRawPointer?.self)
        classes[index].bytes &-= index << 4
        return block
    }

    /// Keeps a block of malloc(3).
    ///
    /// - Returns: False where it is too large, or enough are kept.
    @inline(__always)
    func keep(_ block: UnsafeMutableRawPointer) -> Bool {
        // By what it can hold, whatever the allocator: all of a class have 16 * index + 8 bytes or more.
        let size = malloc_usable_size(block)
        let index = (size &- 8) >> 4
        guard index < Self.classCount else { return keepLarge(block, size) }
        guard index > 0, classes[index].bytes < Self.maximumClassBytes else { return false }
        block.storeBytes(of: classes[index].first, as: UnsafeMutableRawPointer?.self)
        classes[index].first = block
        classes[index].bytes &+= index << 4
        return true
    }

    /// The large block, with its size. It stands behind the classes.
    private var large: UnsafeMutablePointer<Class> { classes + Self.classCount }

    private func takeLarge(_ size: Int) -> UnsafeMutableRawPointer? {
        // Not for something much smaller, which may stay for long.
        guard large.pointee.bytes >= size, large.pointee.bytes / 2 <= size else { return nil }
        return forgetLarge()
    }

    private func keepLarge(_ block: UnsafeMutableRawPointer, _ size: Int) -> Bool {
        guard large.pointee.first == nil, Self.largeBytes.contains(size),
            Self.largeCount.load(ordering: .relaxed) < Self.maximumLargeCount
        else { return false }
        Self.largeCount.add(1, ordering: .relaxed)
        block.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self)
        large.pointee = Class(first: block, bytes: size)
        return true
    }

    private func forgetLarge() -> UnsafeMutableRawPointer? {
        guard let block = large.pointee.first.take() else { return nil }
        large.pointee.bytes = 0
        Self.largeCount.subtract(1, ordering: .relaxed)
        return block
    }
}
