import Basics

extension Item {
    /// The lengths, in 8 bytes: with them, a key of 16 and a value of 64 bytes just fit a chunk of
    /// 112.
    @usableFromInline
    struct Header {
        /// The bytes of the value as it is sent: at most six times the raw ones (`\u00XX`).
        private let storedBytes: UInt32
        /// From the top: 23 bits raw count, 8 bits key count, 1 bit base64.
        private let packed: UInt32

        init(keyCount: Int, rawCount: Int, storedCount: Int, encoding: Encoding) {
            storedBytes = UInt32(storedCount)
            packed = UInt32(rawCount) << 9 | UInt32(keyCount) << 1 | (encoding == .base64 ? 1 : 0)
        }

        var keyCount: Int { Int(packed >> 1 & 0xFF) }
        var rawCount: Int { Int(packed >> 9) }
        var storedCount: Int { Int(storedBytes) }
        var payloadCount: Int { keyCount + storedCount }
        var encoding: Encoding { packed & 1 == 1 ? .base64 : .utf8 }
        /// Each escape is longer than what it stands for, so equal lengths mean that there is none.
        var isVerbatim: Bool { encoding == .utf8 && storedCount == rawCount }
    }

    /// The heap block: the object's own fields, the header, the key's bytes, the stored value.
    @usableFromInline
    final class Block: ManagedBuffer<Header, UInt8> {
        /// The bytes before the key: an object's type and reference count, and the header.
        static let headerBytes = 16 + MemoryLayout<Header>.size

        /// A block with room for the header's counts; the key and the value are not yet written. nil where
        /// there is no memory for it.
        static func make(_ header: Header) -> Block? {
            guard Headroom.isThere(for: headerBytes + header.payloadCount) else { return nil }
            let buffer = create(minimumCapacity: header.payloadCount) { _ in header }
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
    }
}
