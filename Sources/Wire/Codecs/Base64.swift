/// Base64 with the standard alphabet and padding (RFC 4648 §4), for values that are not UTF-8.
///
/// Pure functions over raw bytes, in linear time and without allocation; callable from any thread.
package enum Base64 {
    private static let padding: UInt8 = 0x3D

    /// Returns how many bytes ``encode(_:into:)`` writes for `byteCount` bytes.
    package static func encodedCount(of byteCount: Int) -> Int {
        (byteCount + 2) / 3 * 4
    }

    /// Writes `raw` in base64, all of it ASCII that needs no escape in JSON.
    ///
    /// - Precondition: `output` has room for ``encodedCount(of:)`` bytes.
    /// - Returns: The number of bytes written.
    package static func encode(
        _ raw: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        let count = encodedCount(of: raw.count)
        precondition(count <= output.count, "the output buffer is too small")
        let alphabet: StaticString =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let digits = alphabet.utf8Start
        var source = 0
        var target = 0
        while source &+ 3 <= raw.count {
            let group =
                UInt32(raw[source]) &<< 16 | UInt32(raw[source &+ 1]) &<< 8
                | UInt32(raw[source &+ 2])
            output[target] = digits[Int(group &>> 18)]
            output[target &+ 1] = digits[Int(group &>> 12 & 0x3F)]
            output[target &+ 2] = digits[Int(group &>> 6 & 0x3F)]
            output[target &+ 3] = digits[Int(group & 0x3F)]
            source &+= 3
            target &+= 4
        }
        if source < raw.count {
            let isPair = source &+ 2 == raw.count
            let group =
                UInt32(raw[source]) &<< 16 | (isPair ? UInt32(raw[source &+ 1]) &<< 8 : 0)
            output[target] = digits[Int(group &>> 18)]
            output[target &+ 1] = digits[Int(group &>> 12 & 0x3F)]
            output[target &+ 2] = isPair ? digits[Int(group &>> 6 & 0x3F)] : padding
            output[target &+ 3] = padding
        }
        return count
    }

    /// Returns how many bytes `encoded` stands for by its length and padding; nil if these cannot
    /// be. Whether the rest is right is for ``decode(_:into:)`` to say.
    static func decodedCount(of encoded: UnsafeRawBufferPointer) -> Int? {
        guard encoded.count % 4 == 0 else { return nil }
        guard encoded.count > 0 else { return 0 }
        guard encoded[encoded.count - 1] == padding else { return encoded.count / 4 * 3 }
        return encoded.count / 4 * 3 - (encoded[encoded.count - 2] == padding ? 2 : 1)
    }

    /// Writes what `encoded` stands for.
    ///
    /// Strict: each value has one encoding only. White space, missing padding, other alphabets and
    /// bits set below the last byte are refused (RFC 4648 §3.5).
    ///
    /// - Precondition: `output` has room for ``decodedCount(of:)`` bytes.
    /// - Returns: The number of bytes written; nil if `encoded` is not base64.
    package static func decode(
        _ encoded: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard let count = decodedCount(of: encoded) else { return nil }
        var writer = ByteWriter(output)
        var offset = 0
        while offset < encoded.count {
            let isLast = offset &+ 4 == encoded.count
            let digitCount = isLast ? 4 &- (encoded.count / 4 * 3 &- count) : 4
            var group: UInt32 = 0
            for index in 0..<4 {
                group &<<= 6
                if index < digitCount {
                    guard let value = digitValue(encoded[offset &+ index]) else { return nil }
                    group |= value
                }
            }
            let byteCount = digitCount &- 1
            let unused = UInt32(truncatingIfNeeded: 24 &- 8 &* byteCount)
            guard group & (1 &<< unused &- 1) == 0 else { return nil }
            for index in 0..<byteCount {
                writer.append(UInt8(truncatingIfNeeded: group &>> UInt32(16 &- 8 &* index)))
            }
            offset &+= 4
        }
        return writer.count
    }

    @inline(__always)
    private static func digitValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte &- 0x41)
        case 0x61...0x7A: UInt32(byte &- 0x61 &+ 26)
        case 0x30...0x39: UInt32(byte &- 0x30 &+ 52)
        case 0x2B: 62
        case 0x2F: 63
        default: nil
        }
    }
}
