extension UnsafeRawBufferPointer {
    /// The number that the bytes are: digits only, 1 to 18 of them, which always fit an Int. nil for
    /// anything else.
    package var decimalNumber: Int? {
        guard (1...18).contains(count) else { return nil }
        var number = 0
        for byte in self {
            guard byte.isDigit else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
