import Glibc

/// Bytes in a block of their own. Unlike an array, which would end the process, it tells where there is no
/// memory for more of them; what was there stays as it is.
@usableFromInline
package struct HeapBytes: ~Copyable {
    private static let smallBytes = 1024

    @usableFromInline var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    @usableFromInline package private(set) var count = 0

    package init() {}

    deinit { free(storage.baseAddress) }

    var isEmpty: Bool { count == 0 }

    /// Valid until the next change.
    @inlinable package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage[..<count])
    }

    package subscript(position: Int) -> UInt8 {
        get { bytes[position] }
        set { storage[position] = newValue }
    }

    /// Appends bytes that are to stay until somebody sends more: who keeps such must leave some memory for
    /// all others (``Headroom``).
    ///
    /// - Returns: False where there is no memory for them.
    package mutating func keep(_ bytes: UnsafeRawBufferPointer) -> Bool {
        Headroom.isThere(for: 2 * (count + bytes.count)) && append(bytes)
    }

    /// - Returns: False where there is no memory for them.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard reserve(bytes.count) else { return false }
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: bytes)
        count += bytes.count
        return true
    }

    /// The bytes as a C string; nil where there is no memory for its end. Valid until the next change.
    package mutating func cString() -> UnsafeMutablePointer<CChar>? {
        guard reserve(1) else { return nil }
        storage[count] = 0
        return storage.baseAddress?.assumingMemoryBound(to: CChar.self)
    }

    /// Drops what stands behind the first `count` bytes.
    package mutating func truncate(to count: Int) { self.count = min(count, self.count) }

    /// Drops the first `count` bytes.
    package mutating func removeFirst(_ count: Int) {
        guard count > 0, let start = storage.baseAddress else { return }
        self.count -= count
        memmove(start, start + count, self.count)
    }

    /// Drops all bytes, and their memory where that is more than `capacity`.
    package mutating func removeAll(keepingAtMost capacity: Int) {
        count = 0
        guard storage.count > capacity else { return }
        free(storage.baseAddress)
        storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    @inline(__always)
    private mutating func reserve(_ added: Int) -> Bool {
        count + added <= storage.count || grow(added)
    }

    private mutating func grow(_ added: Int) -> Bool {
        let size = max(2 * storage.count, count + added, 128)
        // Smaller blocks are among the things that Headroom has been asked about.
        guard size <= Self.smallBytes || Headroom.isThere(for: size) else { return false }
        guard let larger = realloc(storage.baseAddress, size) else { return false }
        storage = UnsafeMutableRawBufferPointer(start: larger, count: size)
        return true
    }
}
