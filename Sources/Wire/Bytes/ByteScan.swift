/// Looks at eight bytes at a time: the ground under the JSON, form and multipart decoders.
///
/// A word holds eight bytes, the first in its least significant byte. The tests on words use the
/// classic zero-byte trick: `(w - 0x01…01) & ~w & 0x80…80` is zero exactly when no byte of `w` is,
/// and its lowest set bit marks the first zero byte.
enum ByteScan {
    /// The high bit of each byte of a word.
    static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The low bit of each byte of a word.
    static let lowBits: UInt64 = 0x0101_0101_0101_0101

    /// Returns the word whose eight bytes are all `byte`.
    @inline(__always)
    static func word(of byte: UInt8) -> UInt64 {
        UInt64(byte) &* lowBits
    }

    /// Loads the eight bytes at `offset`, the first into the least significant byte.
    ///
    /// - Precondition: `offset + 8 <= bytes.count`.
    @inline(__always)
    static func load(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The word with its ASCII letters in lower case.
    @inline(__always)
    static func lowercased(_ word: UInt64) -> UInt64 {
        // Of each byte's low seven bits: adding lets those from A on, and those behind Z, carry into the
        // high bit.
        let low = word & ~highBits
        let fromA = low &+ Self.word(of: 0x80 - UInt8(ascii: "A"))
        let behindZ = low &+ Self.word(of: 0x7F - UInt8(ascii: "Z"))
        return word | (fromA & ~behindZ & ~word & highBits) >> 2
    }

    /// Marks, exactly, the bytes that are ASCII letters or hyphens.
    @inline(__always)
    static func lettersAndHyphens(in word: UInt64) -> UInt64 {
        let low = lowercased(word) & ~highBits
        let fromA = low &+ Self.word(of: 0x80 - UInt8(ascii: "a"))
        let behindZ = low &+ Self.word(of: 0x7F - UInt8(ascii: "z"))
        let difference = low ^ Self.word(of: UInt8(ascii: "-"))
        let isOther = difference &+ Self.word(of: 0x7F)
        return (fromA & ~behindZ | ~isOther) & ~word & highBits
    }

    /// Marks bytes equal to `byte`: zero exactly when there is none, and the lowest set bit belongs
    /// to the first of them. Bits above the lowest may be wrong.
    @inline(__always)
    static func marks(of byte: UInt8, in word: UInt64) -> UInt64 {
        let difference = word ^ Self.word(of: byte)
        return (difference &- lowBits) & ~difference & highBits
    }

    /// Marks bytes below `bound`, as ``marks(of:in:)`` does.
    ///
    /// - Precondition: `bound <= 0x80`.
    @inline(__always)
    static func marks(below bound: UInt8, in word: UInt64) -> UInt64 {
        (word &- Self.word(of: bound)) & ~word & highBits
    }

    /// Returns the offset of the first `byte` at or after `start`, or `bytes.count` if there is none.
    static func firstOffset(
        of byte: UInt8,
        in bytes: UnsafeRawBufferPointer,
        from start: Int
    ) -> Int {
        guard start < bytes.count else { return bytes.count }
        // Where there is one there are often more, one behind the other.
        if bytes[start] == byte { return start }
        return bytes.slice(start..<bytes.count).firstIndex(of: byte).map { start &+ $0 }
            ?? bytes.count
    }

    /// Returns whether the bytes at `offset` are `expected`; false where too few are left.
    static func matches(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int,
        _ expected: UnsafeRawBufferPointer
    ) -> Bool {
        guard expected.count <= bytes.count - offset else { return false }
        var index = 0
        while index < expected.count {
            if bytes[offset &+ index] != expected[index] { return false }
            index &+= 1
        }
        return true
    }
}
