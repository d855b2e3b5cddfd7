/// What single bytes mean in ASCII.
extension UInt8 {
    package var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// Whether it is a space or a tab, the white space inside of header fields.
    var isHTTPWhitespace: Bool { self == 0x20 || self == 0x09 }

    /// The letter in lower case; any other byte as it is.
    package var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The value of an ASCII hexadecimal digit of either case; nil for any other byte.
    @inline(__always)
    package var hexDigitValue: UInt8? {
        switch self {
        case 0x30...0x39: self &- 0x30
        case 0x41...0x46: self &- 0x37
        case 0x61...0x66: self &- 0x57
        default: nil
        }
    }

    /// The uppercase hexadecimal digit of the low four bits.
    @inline(__always)
    package var lowHexDigit: UInt8 {
        let nibble = self & 0x0F
        return nibble < 10 ? nibble &+ 0x30 : nibble &+ 0x37
    }
}
