import CLibevent
import Glibc

/// Small free blocks of a loop's thread, kept for what libevent allocates next.
///
/// libevent makes and frees some thirty small blocks for each forwarded request, more than malloc(3) keeps
/// at hand for a thread (7 of a size). A thread that is no loop's has none.
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
            let block = calloc(classCount, MemoryLayout<Class>.stride)
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
        let classes = BlockCache(block).classes
        for index in 0..<classCount {
            while let block = classes[index].first {
                classes[index].first = block.load(as: UnsafeMutableRawPointer?.self)
                free(block)
            }
        }
        free(block)
    }

    /// A block of at least `size` bytes; nil where none is kept.
    @inline(__always)
    func take(_ size: Int) -> UnsafeMutableRawPointer? {
        let index = max(1, (size &+ 7) >> 4)
        guard index < Self.classCount, let block = classes[index].first else { return nil }
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
        let index = (malloc_usable_size(block) &- 8) >> 4
        guard index > 0, index < Self.classCount, classes[index].bytes < Self.maximumClassBytes
        else { return false }
        block.storeBytes(of: classes[index].first, as: UnsafeMutableRawPointer?.self)
        classes[index].first = block
        classes[index].bytes &+= index << 4
        return true
    }
}
