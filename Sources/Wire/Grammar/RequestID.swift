/// What `X-Request-Id` may be: a name for a request, by which logs of several servers are put together.
@usableFromInline
package enum RequestID {
    /// In bytes.
    package static let maxBytes = 128
    /// The length of those that are made here, in bytes.
    package static let madeBytes = 16

    /// Whether a client's is taken over: 1 to ``maxBytes`` of `[A-Za-z0-9._-]`.
    package static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        (1...maxBytes).contains(text.count) && text.consists(of: .requestID)
    }

    /// Writes a number as 16 hexadecimal digits, in lower case.
    ///
    /// - Parameter room: Of ``madeBytes``.
    @inlinable @inline(__always)
    package static func write(_ number: UInt64, to room: UnsafeMutableRawPointer) {
        // Eight digits at a time: the nibbles of half the number, spread over the bytes of a word.
        for half in 0..<2 {
            var word = (half == 0 ? number >> 32 : number) & 0xFFFF_FFFF
            word = (word | word << 16) & 0x0000_FFFF_0000_FFFF
            word = (word | word << 8) & 0x00FF_00FF_00FF_00FF
            word = (word | word << 4) & 0x0F0F_0F0F_0F0F_0F0F
            // From ten on, a letter: 39 more than the digit would be.
            let letters = ((word &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
            word = word &+ 0x3030_3030_3030_3030 &+ letters &* 39
            room.storeBytes(of: word.bigEndian, toByteOffset: 8 * half, as: UInt64.self)
        }
    }
}
