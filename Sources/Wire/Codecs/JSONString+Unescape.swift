extension JSONString {
    /// What a walk over the inside of a string found.
    struct Scan: Equatable {
        /// Why the walk ended.
        enum Stop: Equatable {
            case endOfInput
            case quote
            case control
            case badEscape
            case loneSurrogate
            case badUTF8
        }

        /// The offset of the byte the walk stopped at: the quote, the first byte of what is wrong,
        /// or the end of the input.
        var end: Int

        /// How many bytes the characters before ``end`` are once unescaped.
        var unescapedCount: Int

        var stop: Stop
    }

    /// Walks over legal string content from `start` to the first unescaped quote, to the first
    /// thing that is not legal, or to the end of `bytes`.
    ///
    /// - Complexity: O(`end - start`).
    static func scan(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Scan {
        var scan = Scan(end: start, unescapedCount: 0, stop: .endOfInput)
        while scan.end < bytes.count {
            if scan.end &+ 8 <= bytes.count {
                let word = ByteScan.load(bytes, at: scan.end)
                if isPlain(word) && word & ByteScan.highBits == 0 {
                    scan.end &+= 8
                    scan.unescapedCount &+= 8
                    continue
                }
            }
            switch bytes[scan.end] {
            case quote:
                scan.stop = .quote
                return scan
            case backslash:
                switch readEscape(bytes, at: scan.end) {
                case .success(let escape):
                    scan.end &+= escape.length
                    scan.unescapedCount &+= escape.utf8Count
                case .failure(let failure):
                    scan.stop = failure.stop
                    return scan
                }
            case 0..<firstUncontrolled:
                scan.stop = .control
                return scan
            default:
                let length = StrictUTF8.sequenceLength(at: scan.end, in: bytes)
                guard length != 0 else {
                    scan.stop = .badUTF8
                    return scan
                }
                scan.end &+= length
                scan.unescapedCount &+= length
            }
        }
        return scan
    }

    /// Returns how many bytes ``unescape(_:into:)`` writes: never more than `inside` has.
    ///
    /// - Returns: nil if `inside` cannot stand between the quotes of a JSON string.
    static func unescapedCount(of inside: UnsafeRawBufferPointer) -> Int? {
        let scan = scan(inside, from: 0)
        return scan.stop == .endOfInput ? scan.unescapedCount : nil
    }

    /// Writes what `inside`, any legal inside of a JSON string, stands for.
    ///
    /// - Precondition: `output` has room for ``unescapedCount(of:)`` bytes.
    /// - Returns: The number of bytes written; nil, and nothing written, for bad escapes, raw
    ///   controls, an unescaped quote, lone surrogates and bytes that are not UTF-8.
    static func unescape(
        _ inside: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard unescapedCount(of: inside) != nil else { return nil }
        return unescape(validated: inside, into: output)
    }

    /// Does the same for an inside that ``scan(_:from:)`` or ``escape(_:into:)`` vouches for.
    ///
    /// - Precondition: `output` has room for ``unescapedCount(of:)`` bytes.
    /// - Returns: The number of bytes written.
    package static func unescape(
        validated inside: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var writer = ByteWriter(output)
        var offset = 0
        while offset < inside.count {
            if offset &+ 8 <= inside.count {
                let word = ByteScan.load(inside, at: offset)
                if ByteScan.marks(of: backslash, in: word) == 0 {
                    writer.append(word: word)
                    offset &+= 8
                    continue
                }
                if word & controlMask == controlEscape {
                    writer.append(controlByte(word))
                    offset &+= 6
                    continue
                }
            }
            if inside[offset] == backslash,
                case .success(let escape) = readEscape(inside, at: offset)
            {
                writer.append(scalar: escape.scalar)
                offset &+= escape.length
            } else {
                writer.append(inside[offset])
                offset &+= 1
            }
        }
        return writer.count
    }

    // `\u000X` and `\u001X`, as ``escape(_:into:)`` writes controls: a value may consist of them. The six
    // bytes are `\`, `u`, `0`, `0`, `0` or `1`, and a digit.
    private static let controlEscape: UInt64 = 0x3030_3075_5C
    private static let controlMask: UInt64 = 0xFEFF_FFFF_FF

    @inline(__always)
    private static func controlByte(_ word: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: word &>> 40)
        // A digit's low half is its value; that of a letter begins with 1 for A, and has bit 6 set.
        return UInt8(truncatingIfNeeded: word &>> 32) &<< 4 | (digit & 0xF) &+ (digit &>> 6) &* 9
    }

    private struct Escape {
        var scalar: UInt32
        /// The bytes it takes in the string: 2, 6 or, for a pair of surrogates, 12.
        var length: Int

        var utf8Count: Int {
            switch scalar {
            case 0..<0x80: 1
            case 0x80..<0x800: 2
            case 0x800..<0x1_0000: 3
            default: 4
            }
        }
    }

    private struct EscapeFailure: Error {
        var stop: Scan.Stop
    }

    /// Reads the escape whose backslash is at `offset`.
    @inline(__always)
    private static func readEscape(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int
    ) -> Result<Escape, EscapeFailure> {
        guard offset &+ 1 < bytes.count else { return .failure(EscapeFailure(stop: .badEscape)) }
        let scalar: UInt32
        switch bytes[offset &+ 1] {
        case 0x22: scalar = 0x22
        case 0x5C: scalar = 0x5C
        case 0x2F: scalar = 0x2F
        case 0x62: scalar = 0x08
        case 0x66: scalar = 0x0C
        case 0x6E: scalar = 0x0A
        case 0x72: scalar = 0x0D
        case 0x74: scalar = 0x09
        case 0x75: return readUnicodeEscape(bytes, at: offset)
        default: return .failure(EscapeFailure(stop: .badEscape))
        }
        return .success(Escape(scalar: scalar, length: 2))
    }

    private static func readUnicodeEscape(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int
    ) -> Result<Escape, EscapeFailure> {
        guard let unit = codeUnit(bytes, at: offset) else {
            return .failure(EscapeFailure(stop: .badEscape))
        }
        switch unit {
        case 0xD800...0xDBFF:
            guard let low = codeUnit(bytes, at: offset &+ 6), 0xDC00...0xDFFF ~= low else {
                return .failure(EscapeFailure(stop: .loneSurrogate))
            }
            let scalar = 0x1_0000 &+ (unit &- 0xD800) &<< 10 &+ (low &- 0xDC00)
            return .success(Escape(scalar: scalar, length: 12))
        case 0xDC00...0xDFFF:
            return .failure(EscapeFailure(stop: .loneSurrogate))
        default:
            return .success(Escape(scalar: unit, length: 6))
        }
    }

    /// Reads `\uXXXX` at `offset`; nil if there is no such thing.
    private static func codeUnit(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32? {
        guard offset &+ 6 <= bytes.count, bytes[offset] == backslash, bytes[offset &+ 1] == 0x75
        else { return nil }
        var unit: UInt32 = 0
        for index in 2..<6 {
            guard let digit = bytes[offset &+ index].hexDigitValue else { return nil }
            unit = unit &<< 4 | UInt32(digit)
        }
        return unit
    }
}
