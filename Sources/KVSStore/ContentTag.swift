import CXXHash

/// 128 bits that name the content of a value: XXH3-128 of its bytes as they came. The same bytes have the
/// same tag in every process, and two values that differ have the same by chance only: no key is in it, so
/// somebody who wants two such values can find them.
package struct ContentTag: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        (self.high, self.low) = (high, low)
    }

    /// - Complexity: O(`bytes.count`).
    package init(of bytes: UnsafeRawBufferPointer) {
        let hash = kvs_xxh3_128(bytes.baseAddress, bytes.count)
        (high, low) = (hash.high64, hash.low64)
    }
}
