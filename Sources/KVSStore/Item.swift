package import Basics
import Glibc
import Wire

/// One key and its value, immutable, in one heap block.
///
/// The value is kept as it is sent: as the inside of a JSON string, escaped once, here; or, where
/// its bytes are not UTF-8 and so cannot be a JSON string, as base64.
///
/// An `Item` is one reference to the block: copying it counts, and the block is freed with the last
/// copy. A struct around the reference and not the class itself, because `ManagedBuffer`, the way
/// to allocate a key and a value together with their object, cannot be made `Sendable` by its
/// subclass.
// Safe: everything in the block is written in `make` before anybody else has the reference, and
// never changed after, but for the links of an item that expires, which its store alone knows.
@usableFromInline
package struct Item: @unchecked Sendable {
    /// How the value is kept, and sent.
    package enum Encoding: Sendable {
        /// The inside of a JSON string, UTF-8.
        case utf8
        /// Base64 of the raw bytes (RFC 4648 §4, with padding).
        case base64
    }

    // 1.5 MiB: the assignment's "1.5MB", in the larger of its two readings.
    package static let maxRawValueBytes = 1_572_864

    /// 4 KiB: the tags of larger values are kept, in 16 bytes. Below, making one takes less than finding the
    /// value has taken.
    static let keptTagThresholdBytes = 4096

    @usableFromInline let block: Block

    /// Makes an item of a key and the bytes of a value as they came, both of which it copies.
    ///
    /// - Precondition: `raw` has at most ``maxRawValueBytes`` bytes.
    /// - Parameter deadline: From when on it is not there any more; nil for an item that stays. Costs 24
    ///   bytes.
    /// - Returns: nil where there is no memory for it.
    /// - Complexity: O(`raw.count`); one allocation. Not to be done while the store is held.
    package static func make(
        key: borrowing Key,
        value raw: UnsafeRawBufferPointer,
        deadline: MonotonicTime? = nil
    ) -> Item? {
        precondition(raw.count <= maxRawValueBytes, "The value is larger than a value may be.")
        let escapedCount = JSONString.escapedCount(of: raw)
        let header = Header(
            keyCount: key.count,
            rawCount: raw.count,
            storedCount: escapedCount ?? Base64.encodedCount(of: raw.count),
            encoding: escapedCount == nil ? .base64 : .utf8,
            expires: deadline != nil
        )
        guard let block = Block.make(header) else { return nil }
        let payload = UnsafeMutableRawBufferPointer(
            start: block.elements,
            count: header.payloadCount
        )
        key.withUnsafeBytes { payload.copyMemory(from: $0) }
        let value = UnsafeMutableRawBufferPointer(rebasing: payload[header.keyCount...])
        let written =
            switch header.encoding {
            case .base64: Base64.encode(raw, into: value)
            case .utf8 where header.isVerbatim: copy(raw, into: value)
            case .utf8: JSONString.escape(raw, into: value)
            }
        precondition(written == header.storedCount, "The encoder miscounted.")
        if header.hasTag { block.keptTag = ContentTag(of: raw) }
        if let deadline { block.deadline = deadline }
        return Item(block: block)
    }

    /// Names the value's bytes, as they came.
    package var tag: ContentTag {
        let lengths = block.lengths
        if lengths.hasTag { return block.keptTag }
        if lengths.isVerbatim { return withStoredValue(ContentTag.init(of:)) }
        return withUnsafeTemporaryAllocation(byteCount: lengths.rawCount, alignment: 8) { raw in
            copyRawValue(into: raw)
            return ContentTag(of: UnsafeRawBufferPointer(raw))
        }
    }

    /// Whether it is there for a time only.
    package var expires: Bool { block.lengths.expires }

    /// From when on it is not there any more; nil where it stays.
    package var deadline: MonotonicTime? { expires ? block.deadline : nil }

    package var encoding: Encoding { block.lengths.encoding }

    /// Whether the stored value is byte for byte the raw one: nothing needed escaping.
    package var isVerbatim: Bool { block.lengths.isVerbatim }

    /// The bytes of the value as it came, before escaping.
    package var rawValueCount: Int { block.lengths.rawCount }

    /// The bytes of the key and the stored value together.
    var dataBytes: Int { block.lengths.payloadCount }

    /// The bytes of memory that the item takes, what only some have included, see ``MallocChunk``.
    ///
    /// A key of 16 bytes with a value of 64 takes 112: 8 for the chunk's size field, 16 for the
    /// object's type and reference count, 8 for the lengths, 80 for the bytes themselves.
    var footprint: Int {
        MallocChunk.bytes(forRequestOf: Block.headerBytes + block.lengths.elementCount)
    }

    /// The object that keeps ``storedValue`` where it is: for those who must hold it by a raw
    /// reference (`Unmanaged`), because they lend the bytes to C.
    package var owner: AnyObject { block }

    /// The value as it is sent. Valid as long as this item, or ``owner``, is held.
    @usableFromInline package var storedValue: UnsafeRawBufferPointer {
        let header = block.lengths
        // Safe: nothing writes there after `make`; who keeps the pointer also keeps the item, as
        // this property's contract says.
        return UnsafeRawBufferPointer(
            start: block.elements + header.keyCount,
            count: header.storedCount
        )
    }

    /// Lends the value as it is sent to `body`; the pointer is valid during the call.
    @inlinable
    package func withStoredValue<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withExtendedLifetime(block) { try body(storedValue) }
    }

    /// Lends the key's bytes to `body`; the pointer is valid during the call.
    func withKey<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withExtendedLifetime(block) {
            try body(UnsafeRawBufferPointer(start: block.elements, count: block.lengths.keyCount))
        }
    }

    /// Whether the item's key is these bytes.
    func hasKey(_ bytes: UnsafeRawBufferPointer) -> Bool {
        withKey { key in
            key.count == bytes.count
                // Safe: no key is empty, so it has an address; the counts are equal.
                && memcmp(key.baseAddress!, bytes.baseAddress!, key.count) == 0
        }
    }

    /// Whether the item's key begins with the bytes of another.
    func hasKey(startingWith prefix: Key) -> Bool {
        withKey { key in
            prefix.withUnsafeBytes { prefix in
                key.count >= prefix.count
                    // Safe: no key is empty, so it has an address.
                    && memcmp(key.baseAddress!, prefix.baseAddress!, prefix.count) == 0
            }
        }
    }

    /// Writes the value as it came to the start of `destination`.
    ///
    /// - Precondition: `destination` has room for ``rawValueCount`` bytes.
    package func copyRawValue(into destination: UnsafeMutableRawBufferPointer) {
        precondition(destination.count >= rawValueCount, "No room for the raw value.")
        let room = UnsafeMutableRawBufferPointer(rebasing: destination[..<rawValueCount])
        let written: Int? = withStoredValue { stored in
            switch encoding {
            case .base64: Base64.decode(stored, into: room)
            case .utf8 where isVerbatim: Self.copy(stored, into: room)
            case .utf8: JSONString.unescape(validated: stored, into: room)
            }
        }
        precondition(written == rawValueCount, "A stored value is not what `make` wrote.")
    }

    private static func copy(
        _ source: UnsafeRawBufferPointer,
        into destination: UnsafeMutableRawBufferPointer
    ) -> Int {
        destination.copyMemory(from: source)
        return source.count
    }
}
