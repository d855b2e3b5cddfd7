/// UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF.
enum StrictUTF8 {
    /// Returns the length in bytes of the well-formed sequence at `offset`, 1 to 4, or 0 if what
    /// stands there is not one (a truncated sequence at the end included).
    ///
    /// The ranges of second bytes are those of table 3-7 of the Unicode Standard.
    ///
    /// - Precondition: `offset < bytes.count`.
    @inline(__always)
    static func sequenceLength(at offset: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        let lead = bytes[offset]
        let available = bytes.count &- offset
        switch lead {
        case 0x00...0x7F:
            return 1
        case 0xC2...0xDF:
            return available >= 2 && isContinuation(bytes[offset &+ 1]) ? 2 : 0
        case 0xE0...0xEF:
            guard available >= 3 else { return 0 }
            let second = bytes[offset &+ 1]
            // E0: overlong below A0. ED: surrogates from A0.
            guard second >= (lead == 0xE0 ? 0xA0 : 0x80), second <= (lead == 0xED ? 0x9F : 0xBF)
            else { return 0 }
            return isContinuation(bytes[offset &+ 2]) ? 3 : 0
        case 0xF0...0xF4:
            guard available >= 4 else { return 0 }
            let second = bytes[offset &+ 1]
            // F0: overlong below 90. F4: above U+10FFFF from 90.
            guard second >= (lead == 0xF0 ? 0x90 : 0x80), second <= (lead == 0xF4 ? 0x8F : 0xBF)
            else { return 0 }
            return isContinuation(bytes[offset &+ 2]) && isContinuation(bytes[offset &+ 3]) ? 4 : 0
        default:
            return 0
        }
    }

    @inline(__always)
    private static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xC0 == 0x80
    }
}
