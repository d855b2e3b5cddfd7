/// Percent-escapes (RFC 3986 §2.1), as they may stand in a path segment. `+` is a `+` here.
///
/// Pure functions over raw bytes, in linear time and without allocation; callable from any thread.
package enum PercentEncoding {
    /// A `%` without two hexadecimal digits behind it.
    package struct Malformed: Error {}

    private static let percent: UInt8 = 0x25

    /// Decodes `segment` into `output`, as far as that has room.
    ///
    /// - Returns: The size in bytes of the whole decoded segment. Where it is larger than `output`,
    ///   only the first `output.count` bytes were written: a caller with a limit gives a buffer of
    ///   that many bytes, and can still say how much too long the segment is.
    /// - Throws: ``Malformed`` for a `%` without two hexadecimal digits,
    ///   wherever it stands.
    package static func decode(
        _ segment: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(Malformed) -> Int {
        var count = 0
        var offset = 0
        while offset < segment.count {
            var byte = segment[offset]
            if byte == percent {
                guard let escaped = escapedByte(at: offset, in: segment) else {
                    throw Malformed()
                }
                byte = escaped
                offset &+= 2
            }
            offset &+= 1
            if count < output.count { output[count] = byte }
            count &+= 1
        }
        return count
    }

    /// Whether `segment` has a percent-escape, and so has to be decoded.
    package static func isEncoded(_ segment: UnsafeRawBufferPointer) -> Bool {
        ByteScan.firstOffset(of: percent, in: segment, from: 0) < segment.count
    }

    /// Returns the byte that the escape whose `%` is at `offset` stands for; nil if it is malformed.
    @inline(__always)
    static func escapedByte(at offset: Int, in bytes: UnsafeRawBufferPointer) -> UInt8? {
        guard offset &+ 2 < bytes.count,
            let high = bytes[offset &+ 1].hexDigitValue,
            let low = bytes[offset &+ 2].hexDigitValue
        else { return nil }
        return high &<< 4 | low
    }
}
