/// Passes `bytes` in memory that ends where they end, so that AddressSanitizer sees a read beyond.
/// (An array's memory is often larger than the array.)
package func withExactBytes<R, E: Error>(
    _ bytes: [UInt8],
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
) throws(E) -> R {
    let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { exact.deallocate() }
    exact.copyBytes(from: bytes)
    return try body(UnsafeRawBufferPointer(exact))
}

/// Passes memory of `count` bytes to `body`, and returns the first bytes of it: as many as `body`
/// says it wrote, or nil if it says nil.
package func writtenBytes<E: Error>(
    capacity: Int,
    _ body: (UnsafeMutableRawBufferPointer) throws(E) -> Int?
) throws(E) -> [UInt8]? {
    let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
    defer { exact.deallocate() }
    return try body(exact).map { Array(exact[..<$0]) }
}

extension Array where Element == UInt8 {
    /// The UTF-8 bytes of `text`.
    package init(_ text: String) {
        self = Array(text.utf8)
    }
}
