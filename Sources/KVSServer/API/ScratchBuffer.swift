import Basics
import Glibc

/// Bytes to decode values into, kept from one request to the next.
///
/// Each event loop owns one: it must not be used from two threads at a time. It grows to what is
/// asked for, and ``trim()`` gives the memory back where that was more than ``retainedBytes``, so
/// that one large value does not cost its size for ever.
struct ScratchBuffer: ~Copyable {
    /// 256 KiB: above it, allocating anew costs little beside decoding.
    static let retainedBytes = 262_144

    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit {
        free(storage.baseAddress)
    }

    /// The number of bytes of memory held.
    var capacityBytes: Int { storage.count }

    /// Returns a buffer of exactly `byteCount` bytes, whatever they hold. It is valid until the
    /// next call of any method.
    ///
    /// - Throws: ``APIError/outOfMemory``.
    mutating func reserve(
        _ byteCount: Int
    ) throws(APIError) -> UnsafeMutableRawBufferPointer {
        if storage.count < byteCount {
            // Doubling, up to what is kept: a run of growing values does not allocate each time.
            let grown = max(byteCount, min(2 * storage.count, Self.retainedBytes))
            free(storage.baseAddress)
            storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            guard Headroom.isThere(for: grown), let block = malloc(grown) else {
                throw .outOfMemory
            }
            storage = UnsafeMutableRawBufferPointer(start: block, count: grown)
        }
        return UnsafeMutableRawBufferPointer(rebasing: storage[..<byteCount])
    }

    /// Gives the memory back if it is more than ``retainedBytes``.
    mutating func trim() {
        guard storage.count > Self.retainedBytes else { return }
        free(storage.baseAddress)
        storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }
}
