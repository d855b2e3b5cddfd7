import Glibc

/// The name of a value: 1 to ``maxBytes`` bytes of `[A-Za-z0-9_]`, case-sensitive.
///
/// A key lies inline, with the hash that the table needs, so that looking one up allocates
/// nothing. It is 264 bytes: pass it as `borrowing`.
@usableFromInline
package struct Key: Sendable, BitwiseCopyable {
    /// Why bytes are not a key.
    package enum Invalid: Error, Equatable {
        /// There are no bytes.
        case empty
        /// There are more than ``Key/maxBytes`` bytes: so many.
        case tooLong(Int)
        /// A byte outside of `[A-Za-z0-9_]`, the first one, and its offset from the start.
        case illegalByte(UInt8, at: Int)
    }

    // 250: the assignment's key limit, also memcached's KEY_MAX_LENGTH.
    package static let maxBytes = 250

    /// Of the key's bytes, see ``hash(of:)``.
    let hash: UInt64
    @usableFromInline let storage: InlineArray<250, UInt8>
    @usableFromInline let storedCount: UInt8

    /// Checks `bytes` and copies them.
    ///
    /// - Throws: ``Invalid``; the length is checked before the characters.
    package init(_ bytes: UnsafeRawBufferPointer) throws(Invalid) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Self.maxBytes else { throw .tooLong(bytes.count) }
        var storage = InlineArray<250, UInt8>(repeating: 0)
        var illegal: Int?
        var destination = storage.mutableSpan
        for (offset, byte) in bytes.enumerated() {
            if !Self.isLegal(byte) {
                illegal = offset
                break
            }
            destination[offset] = byte
        }
        if let illegal { throw .illegalByte(bytes[illegal], at: illegal) }
        self.storage = storage
        self.storedCount = UInt8(bytes.count)
        self.hash = Self.hash(of: bytes)
    }

    /// In bytes, 1 to ``maxBytes``.
    @inlinable package var count: Int { Int(storedCount) }

    /// Lends the key's bytes to `body`; the pointer is valid during the call only.
    @inlinable
    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try storage.span.extracting(first: count).withUnsafeBytes(body)
    }

    /// The hash of a key's bytes, with a seed that differs from process to process.
    ///
    /// Keys come from the network. Without the seed, somebody could choose keys that all fall into
    /// one place of the table, where looking up takes time in proportion to their number.
    static func hash(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(bytes: bytes)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }

    private static func isLegal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}
