/// Finds and decodes the field `val` of an `application/x-www-form-urlencoded` body, as the URL
/// standard of the WHATWG has it: fields separated by `&`, `+` for a space, percent-escapes.
///
/// The bytes that are not escapes may be any: a value needs no escapes but for `%`, `&` and `+`.
/// Stricter than that standard in one thing: in the value, a `%` without two hexadecimal digits is
/// an error, since storing it as it stands would hide a mistake.
///
/// Pure functions over raw bytes, without allocation; callable from any thread.
enum FormDecoder {
    private static let ampersand: UInt8 = 0x26
    private static let equals: UInt8 = 0x3D
    private static let percent: UInt8 = 0x25
    private static let plus: UInt8 = 0x2B
    private static let space: UInt8 = 0x20

    /// Returns the value of the field `val`, wherever it stands among other fields; nil if there is
    /// none. A field without `=` has no value, and counts as none.
    ///
    /// - Throws: ``ValueFault/valueRepeated``, ``ValueFault/malformedForm(offset:)``.
    /// - Complexity: O(`body.count`).
    static func value(in body: UnsafeRawBufferPointer) throws(ValueFault) -> EncodedValue? {
        var found: Range<Int>?
        var start = 0
        while start < body.count {
            let end = ByteScan.firstOffset(of: ampersand, in: body, from: start)
            if let valueStart = valueStart(ofFieldAt: start, in: body) {
                guard found == nil else { throw .valueRepeated }
                found = valueStart..<end
            }
            start = end &+ 1
        }
        guard let found else { return nil }
        let bytes = body.slice(found)
        let escapeCount = try countEscapes(in: bytes, offsetInBody: found.lowerBound)
        let isVerbatim =
            escapeCount == 0 && ByteScan.firstOffset(of: plus, in: bytes, from: 0) == bytes.count
        return EncodedValue(
            bytes: bytes,
            encoding: isVerbatim ? .verbatim : .form,
            decodedCount: bytes.count &- 2 &* escapeCount
        )
    }

    /// Decodes the bytes of a value that ``value(in:)`` found: their escapes are known to be right.
    ///
    /// - Precondition: `output` has room for the value's ``EncodedValue/decodedCount`` bytes.
    static func decode(
        _ bytes: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) {
        var writer = ByteWriter(output)
        var offset = 0
        while offset < bytes.count {
            if offset &+ 8 <= bytes.count {
                let word = ByteScan.load(bytes, at: offset)
                if ByteScan.marks(of: percent, in: word) | ByteScan.marks(of: plus, in: word) == 0 {
                    writer.append(word: word)
                    offset &+= 8
                    continue
                }
            }
            let byte = bytes[offset]
            if byte == percent, let escaped = PercentEncoding.escapedByte(at: offset, in: bytes) {
                writer.append(escaped)
                offset &+= 3
            } else {
                writer.append(byte == plus ? space : byte)
                offset &+= 1
            }
        }
    }

    private static func countEscapes(
        in bytes: UnsafeRawBufferPointer,
        offsetInBody: Int
    ) throws(ValueFault) -> Int {
        var count = 0
        var offset = ByteScan.firstOffset(of: percent, in: bytes, from: 0)
        while offset < bytes.count {
            guard PercentEncoding.escapedByte(at: offset, in: bytes) != nil else {
                throw .malformedForm(offset: offsetInBody &+ offset)
            }
            count &+= 1
            offset = ByteScan.firstOffset(of: percent, in: bytes, from: offset &+ 3)
        }
        return count
    }

    /// Returns the offset behind `val=` if the field at `start` begins with that, its name written
    /// with percent-escapes or without; else nil.
    ///
    /// No byte that it passes can be `&`, so it never leaves the field.
    private static func valueStart(
        ofFieldAt start: Int,
        in body: UnsafeRawBufferPointer
    ) -> Int? {
        let name: StaticString = "val"
        var offset = start
        for index in 0..<name.utf8CodeUnitCount {
            guard offset < body.count else { return nil }
            if body[offset] == name.utf8Start[index] {
                offset &+= 1
            } else if body[offset] == percent,
                PercentEncoding.escapedByte(at: offset, in: body) == name.utf8Start[index]
            {
                offset &+= 3
            } else {
                return nil
            }
        }
        return offset < body.count && body[offset] == equals ? offset &+ 1 : nil
    }
}
