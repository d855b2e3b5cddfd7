/// Hexadecimal digits in lower case, sixteen at a time.
@usableFromInline
package enum Hexadecimal {
    /// The sixteen digits of a number, the highest first.
    @inlinable @inline(__always)
    package static func digits(of number: UInt64) -> SIMD16<UInt8> {
        let bytes = unsafeBitCast(number.bigEndian, to: SIMD8<UInt8>.self)
        var digits = SIMD16<UInt8>()
        digits.evenHalf = bytes &>> 4
        digits.oddHalf = bytes & 0x0F
        // All bits from ten on. (Comparing would make a loop.)
        let areLetters = SIMD16() &- ((digits &+ 6) &>> 4)
        let distance = UInt8(ascii: "a") - 10 - UInt8(ascii: "0")
        return digits &+ UInt8(ascii: "0") &+ (areLetters & distance)
    }

    /// The number whose digits, all 16 of them and in lower case, these are; nil for anything else.
    package static func number(_ digits: UnsafeRawBufferPointer) -> UInt64? {
        guard digits.count == 16 else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard let value = digit.hexDigitValue, digit == digit.asciiLowercased else {
                return nil
            }
            number = number << 4 | UInt64(value)
        }
        return number
    }
}
