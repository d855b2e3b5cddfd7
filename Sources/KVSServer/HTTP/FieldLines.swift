import Glibc

/// Several header fields in the form that they have in a message, which evhttp prints as one.
///
/// evhttp keeps three heap blocks for each field, and formats each by itself: with what it took to put the
/// values together, that was a seventh of the instructions of a relayed GET. A value, though, it prints as it is. So one node holds them all: its name is
/// the first field's, its value goes on with the lines of the others. Only the line break behind the
/// last one is evhttp's.
///
/// No name and no value may hold a line break: that is for the guard, and for evhttp's parser, to see to.
struct FieldLines: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
    private var count = 0

    deinit { storage.deallocate() }

    /// What has been written, without a NUL; valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    /// The same as a C string.
    mutating func cString() -> UnsafeMutablePointer<CChar> {
        reserve(1)
        storage[count] = 0
        // Safe: the storage holds bytes only, and is never empty.
        return storage.baseAddress!.assumingMemoryBound(to: CChar.self)
    }

    /// Forgets everything. The value of the first field comes next.
    mutating func removeAll() { count = 0 }

    /// Begins the line of a further field. Its value comes next.
    mutating func begin(_ name: UnsafeRawBufferPointer) {
        write("\r\n")
        write(name)
        write(": ")
    }

    mutating func begin(_ name: StaticString) {
        begin(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func write(_ literal: StaticString) {
        write(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    private mutating func reserve(_ added: Int) {
        guard count + added > storage.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * storage.count, count + added),
            alignment: 1
        )
        larger.copyMemory(from: bytes)
        storage.deallocate()
        storage = larger
    }
}
