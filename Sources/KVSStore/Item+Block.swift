import Basics

extension Item {
    /// The lengths, in 8 bytes: with them, a key of 16 and a value of 64 bytes just fit a chunk of
    /// 112.
    @usableFromInline
    struct Header {
        /// From the top: 1 bit whether it expires, and in the low 24 bits the bytes of the value as it is
        /// sent: at most six times the raw ones (`\u00XX`).
        private let storedBytes: UInt32
        /// From the top: 23 bits raw count, 8 bits key count, 1 bit base64.
        private let packed: UInt32

        private static let expiryBit: UInt32 = 1 << 31

        init(keyCount: Int, rawCount: Int, storedCount: Int, encoding: Encoding, expires: Bool) {
            storedBytes = UInt32(storedCount) | (expires ? Self.expiryBit : 0)
            packed = UInt32(rawCount) << 9 | UInt32(keyCount) << 1 | (encoding == .base64 ? 1 : 0)
        }

        var keyCount: Int { Int(packed >> 1 & 0xFF) }
        var rawCount: Int { Int(packed >> 9) }
        var storedCount: Int { Int(storedBytes & 0xFF_FFFF) }
        var payloadCount: Int { keyCount + storedCount }
        var expires: Bool { storedBytes & Self.expiryBit != 0 }
        /// Whether the tag is kept: of a small value it is made when it is asked for.
        var hasTag: Bool { rawCount >= Item.keptTagThresholdBytes }
        /// The bytes behind the header: the payload, then the tag, the deadline and its links, where it has them.
        var elementCount: Int { expiryOffset + (expires ? 24 : 0) }
        var expiryOffset: Int { payloadCount + (hasTag ? MemoryLayout<ContentTag>.size : 0) }
        var encoding: Encoding { packed & 1 == 1 ? .base64 : .utf8 }
        /// Each escape is longer than what it stands for, so equal lengths mean that there is none.
        var isVerbatim: Bool { encoding == .utf8 && storedCount == rawCount }
    }

    /// The heap block: the object's own fields, the header, the key's bytes, the stored value, and what
    /// only some have.
    @usableFromInline
    final class Block: ManagedBuffer<Header, UInt8> {
        /// The bytes before the key: an object's type and reference count, and the header.
        static let headerBytes = 16 + MemoryLayout<Header>.size

        /// A block with room for the header's counts; the key and the value are not yet written. nil where
        /// there is no memory for it.
        static func make(_ header: Header) -> Block? {
            let count = header.elementCount
            guard Headroom.isThere(for: headerBytes + count) else { return nil }
            let buffer = create(minimumCapacity: count) { _ in header }
            // Safe: `create` makes an object of the class that it is called on.
            return unsafeDowncast(buffer, to: Block.self)
        }

        /// What `header` is, without its check for overlapping accesses: nothing ever changes it.
        var lengths: Header { withUnsafeMutablePointerToHeader { $0.pointee } }

        /// The first byte after the header, at the same place as long as the block is alive.
        var elements: UnsafeMutablePointer<UInt8> {
            // Safe: the elements are part of the object's own allocation, which does not move.
            withUnsafeMutablePointerToElements { $0 }
        }

        /// Where the tag of a large value stands. Like the deadline, it lies as the bytes in front of it fall.
        private var tagPlace: UnsafeMutableRawPointer {
            UnsafeMutableRawPointer(elements) + lengths.payloadCount
        }

        var keptTag: ContentTag {
            get { tagPlace.loadUnaligned(as: ContentTag.self) }
            set { tagPlace.storeBytes(of: newValue, as: ContentTag.self) }
        }

        /// Of an item that expires: the deadline, which never changes, and behind it its neighbours in a list
        /// of an ``ExpiryWheel``.
        private var expiryPlace: UnsafeMutableRawPointer {
            UnsafeMutableRawPointer(elements) + lengths.expiryOffset
        }

        /// From when on it is not there any more. Written in `make` only.
        var deadline: MonotonicTime {
            get { expiryPlace.loadUnaligned(as: MonotonicTime.self) }
            set { expiryPlace.storeBytes(of: newValue, as: MonotonicTime.self) }
        }

        /// Once the item is in a store, the links belong to that, and are for use inside of its isolation.
        var previous: ExpiryWheel.Link {
            get { (expiryPlace + 8).loadUnaligned(as: ExpiryWheel.Link.self) }
            set { (expiryPlace + 8).storeBytes(of: newValue, as: ExpiryWheel.Link.self) }
        }

        var next: ExpiryWheel.Link {
            get { (expiryPlace + 16).loadUnaligned(as: ExpiryWheel.Link.self) }
            set { (expiryPlace + 16).storeBytes(of: newValue, as: ExpiryWheel.Link.self) }
        }
    }
}
