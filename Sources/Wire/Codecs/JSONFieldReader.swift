/// Reads a JSON object of strings, whole numbers and lists of strings, field by field (RFC 8259, strictly).
///
/// Whoever reads asks for each name, and then for a value of the kind that it expects there: anything else is a
/// fault. It points into the bytes, and must not outlive them.
///
/// - Complexity: linear; allocates nothing.
package struct JSONFieldReader {
    /// What is wrong, and at which offset.
    package struct Malformed: Error, Equatable, Sendable {
        package let fault: JSONFault
        package let offset: Int
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private var hasBegun = false

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next field's name. Its value must be read next.
    ///
    /// - Returns: nil where the object has ended, and nothing but white space stands behind it.
    package mutating func nextName() throws(Malformed) -> EncodedValue? {
        skipWhiteSpace()
        if hasBegun {
            guard try takeComma(orEnd: UInt8(ascii: "}")) else { return try finish() }
        } else {
            guard try peek() == UInt8(ascii: "{") else { throw malformed(.notAnObject) }
            hasBegun = true
            offset += 1
            skipWhiteSpace()
            if try take(UInt8(ascii: "}")) { return try finish() }
        }
        let name = try string()
        skipWhiteSpace()
        guard try take(UInt8(ascii: ":")) else { throw malformed(.unexpectedByte) }
        skipWhiteSpace()
        return name
    }

    /// The present field's value, a string.
    package mutating func string() throws(Malformed) -> EncodedValue {
        guard try take(JSONString.quote) else { throw malformed(.unexpectedByte) }
        let start = offset
        let scan = JSONString.scan(bytes, from: start)
        offset = scan.end
        switch scan.stop {
        case .quote: offset += 1
        case .endOfInput: throw malformed(.unexpectedEnd)
        case .control: throw malformed(.rawControl)
        case .badEscape: throw malformed(.badEscape)
        case .loneSurrogate: throw malformed(.loneSurrogate)
        case .badUTF8: throw malformed(.badUTF8)
        }
        let inside = bytes.slice(start..<scan.end)
        // Each escape is longer than what it stands for: where nothing shrinks, there is none.
        return EncodedValue(
            bytes: inside,
            encoding: scan.unescapedCount == inside.count ? .verbatim : .json,
            decodedCount: scan.unescapedCount
        )
    }

    /// The present field's value, a number of digits only, at most 18 of them.
    package mutating func wholeNumber() throws(Malformed) -> Int {
        let start = offset
        while offset < bytes.count, bytes[offset].isDigit { offset += 1 }
        let digits = bytes.slice(start..<offset)
        // JSON knows no leading zeros.
        guard let number = digits.decimalNumber, digits.count == 1 || digits[0] != 0x30 else {
            offset = start
            throw malformed(.badNumber)
        }
        return number
    }

    /// Gives each string of the present field's value, a list, to `body`, in order.
    package mutating func strings(_ body: (EncodedValue) -> Void) throws(Malformed) {
        guard try take(UInt8(ascii: "[")) else { throw malformed(.unexpectedByte) }
        skipWhiteSpace()
        if try take(UInt8(ascii: "]")) { return }
        repeat {
            skipWhiteSpace()
            body(try string())
            skipWhiteSpace()
        } while try takeComma(orEnd: UInt8(ascii: "]"))
    }

    /// Goes past a comma, and the white space behind it; or past `end`.
    ///
    /// - Returns: Whether it was a comma.
    private mutating func takeComma(orEnd end: UInt8) throws(Malformed) -> Bool {
        if try take(end) { return false }
        guard try take(UInt8(ascii: ",")) else { throw malformed(.unexpectedByte) }
        skipWhiteSpace()
        return true
    }

    private mutating func finish() throws(Malformed) -> EncodedValue? {
        skipWhiteSpace()
        guard offset == bytes.count else { throw malformed(.trailingBytes) }
        return nil
    }

    private mutating func skipWhiteSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) throws(Malformed) -> Bool {
        guard try peek() == byte else { return false }
        offset += 1
        return true
    }

    private func peek() throws(Malformed) -> UInt8 {
        guard offset < bytes.count else { throw malformed(.unexpectedEnd) }
        return bytes[offset]
    }

    private func malformed(_ fault: JSONFault) -> Malformed {
        Malformed(fault: fault, offset: offset)
    }
}

extension EncodedValue {
    /// The decoded value.
    package func decoded() -> [UInt8] {
        Array(unsafeUninitializedCapacity: decodedCount) { output, count in
            decode(into: UnsafeMutableRawBufferPointer(output))
            count = decodedCount
        }
    }
}
