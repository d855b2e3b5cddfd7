/// The inside of a JSON string (RFC 8259 §7): what stands between the quotes.
///
/// Pure functions over raw bytes, in linear time and without allocation; callable from any thread.
/// Escaping adds no more than it must: `"`, `\` and the controls below 0x20, in their short forms
/// (`\b \t \n \f \r`) where there are such, else `\u00XX`. DEL and everything beyond ASCII stays.
///
/// ``scan(_:from:)`` and decoding are in `JSONString+Unescape.swift`.
package enum JSONString {
    static let quote: UInt8 = 0x22
    static let backslash: UInt8 = 0x5C

    /// The first byte that is not a control: those below it must not stand raw in a string.
    static let firstUncontrolled: UInt8 = 0x20

    /// Returns how many bytes ``escape(_:into:)`` writes for `raw`: up to six for each of its bytes.
    ///
    /// - Returns: nil if `raw` is not well-formed UTF-8, and so cannot be a JSON string at all.
    package static func escapedCount(of raw: UnsafeRawBufferPointer) -> Int? {
        var added = 0
        var offset = 0
        while offset < raw.count {
            while offset &+ 32 <= raw.count, isPlainASCII(raw, at: offset) { offset &+= 32 }
            if offset &+ 8 <= raw.count {
                let word = ByteScan.load(raw, at: offset)
                if word & ByteScan.highBits == 0 {
                    added &+= addedByEscaping(ascii: word)
                    offset &+= 8
                    continue
                }
            }
            // Not eight ASCII bytes: one character at a time, up to and with the next beyond ASCII.
            while offset < raw.count {
                let length = StrictUTF8.sequenceLength(at: offset, in: raw)
                guard length != 0 else { return nil }
                if length == 1 {
                    added &+= addedByEscaping(raw[offset])
                }
                offset &+= length
                if length != 1 && offset < raw.count && raw[offset] < 0x80 { break }
            }
        }
        return raw.count &+ added
    }

    /// Whether none of 32 bytes is beyond ASCII, or changed by escaping.
    @inline(__always)
    private static func isPlainASCII(_ raw: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        let words = (
            ByteScan.load(raw, at: offset), ByteScan.load(raw, at: offset &+ 8),
            ByteScan.load(raw, at: offset &+ 16), ByteScan.load(raw, at: offset &+ 24)
        )
        guard (words.0 | words.1 | words.2 | words.3) & ByteScan.highBits == 0 else { return false }
        let plain = plainMarks(words.0) & plainMarks(words.1) & plainMarks(words.2)
        return plain & plainMarks(words.3) & ByteScan.highBits == ByteScan.highBits
    }

    /// Marks, exactly, which of eight ASCII bytes escaping leaves as they are. A sum with 0x7F carries into
    /// the high bit exactly when the byte is not zero, and never further.
    @inline(__always)
    private static func plainMarks(_ word: UInt64) -> UInt64 {
        uncontrolledMarks(word) & unquotedMarks(word)
    }

    @inline(__always)
    private static func uncontrolledMarks(_ word: UInt64) -> UInt64 {
        word &+ ByteScan.word(of: 0x80 &- firstUncontrolled)
    }

    @inline(__always)
    private static func unquotedMarks(_ word: UInt64) -> UInt64 {
        let unquoted = (word ^ ByteScan.word(of: quote)) &+ ~ByteScan.highBits
        let unslashed = (word ^ ByteScan.word(of: backslash)) &+ ~ByteScan.highBits
        return unquoted & unslashed
    }

    /// Writes `raw` to `output` as the inside of a JSON string.
    ///
    /// Bytes beyond ASCII are copied as they are: whether they are UTF-8 is for
    /// ``escapedCount(of:)`` to say.
    ///
    /// - Precondition: `output` has room for ``escapedCount(of:)`` bytes.
    /// - Returns: The number of bytes written.
    package static func escape(
        _ raw: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var writer = ByteWriter(output)
        var offset = 0
        while offset &+ 8 <= raw.count {
            let word = ByteScan.load(raw, at: offset)
            if isPlain(word) {
                writer.append(word: word)
                offset &+= 8
            } else {
                let end = offset &+ 8
                while offset < end {
                    appendEscaped(raw[offset], to: &writer)
                    offset &+= 1
                }
            }
        }
        while offset < raw.count {
            appendEscaped(raw[offset], to: &writer)
            offset &+= 1
        }
        return writer.count
    }

    /// Whether none of a word's bytes is a quote, a backslash or a control.
    @inline(__always)
    static func isPlain(_ word: UInt64) -> Bool {
        let marks =
            ByteScan.marks(of: quote, in: word) | ByteScan.marks(of: backslash, in: word)
            | ByteScan.marks(below: firstUncontrolled, in: word)
        return marks == 0
    }

    /// The byte after the backslash in the short form of `byte`; nil if it has none.
    @inline(__always)
    private static func shortForm(of byte: UInt8) -> UInt8? {
        switch byte {
        case quote, backslash: byte
        case 0x08: 0x62  // \b
        case 0x09: 0x74  // \t
        case 0x0A: 0x6E  // \n
        case 0x0C: 0x66  // \f
        case 0x0D: 0x72  // \r
        default: nil
        }
    }

    @inline(__always)
    private static func addedByEscaping(_ byte: UInt8) -> Int {
        if shortForm(of: byte) != nil { return 1 }
        return byte < firstUncontrolled ? 5 : 0
    }

    /// Counts what escaping adds to eight ASCII bytes.
    @inline(__always)
    private static func addedByEscaping(ascii word: UInt64) -> Int {
        if uncontrolledMarks(word) & ByteScan.highBits == ByteScan.highBits {
            return (~unquotedMarks(word) & ByteScan.highBits).nonzeroBitCount
        }
        var added = 0
        var rest = word
        for _ in 0..<8 {
            added &+= addedByEscaping(UInt8(truncatingIfNeeded: rest))
            rest &>>= 8
        }
        return added
    }

    @inline(__always)
    private static func appendEscaped(_ byte: UInt8, to writer: inout ByteWriter) {
        if let short = shortForm(of: byte) {
            writer.append(backslash)
            writer.append(short)
        } else if byte < firstUncontrolled {
            writer.append(backslash)
            writer.append(0x75)  // \u
            writer.append(0x30)
            writer.append(0x30)
            writer.append((byte &>> 4).lowHexDigit)
            writer.append(byte.lowHexDigit)
        } else {
            writer.append(byte)
        }
    }
}
