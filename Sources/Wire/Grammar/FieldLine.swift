/// Where the parts of one field line stand in a head (RFC 9112 §5).
struct FieldLine: Equatable {
    /// Where the line begins, with the name.
    let start: Int
    let colon: Int
    /// Where the line break begins.
    let end: Int

    /// Finds the line that begins at `start`, its end included, in one pass.
    ///
    /// - Returns: nil where its end has not come, and where it holds anything that is not in nearly all of
    ///   them, such as a tab: it may be well-formed or not.
    @inline(__always)
    init?(at start: Int, in bytes: UnsafeRawBufferPointer) {
        self.start = start
        colon = bytes.endOfToken(from: start)
        guard colon > start, colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else {
            return nil
        }
        end = bytes.firstControl(from: colon &+ 1)
        guard end &+ 1 < bytes.count, bytes[end] == UInt8(ascii: "\r"),
            bytes[end &+ 1] == UInt8(ascii: "\n")
        else { return nil }
    }

    /// Takes a line apart whose end is known.
    ///
    /// - Parameter range: The line without its line break, not empty.
    /// - Returns: nil where it is malformed. White space in front of it is in no token.
    init?(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) {
        let line = bytes.slice(range)
        let length = line.endOfToken
        guard length > 0, length < line.count, line[length] == UInt8(ascii: ":"),
            line.slice((length + 1)..<line.count).isFieldValue
        else { return nil }
        start = range.lowerBound
        colon = start + length
        end = range.upperBound
    }

    @inline(__always)
    func name(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        bytes.slice(start..<colon)
    }

    /// The value without the white space around it.
    func value(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        bytes.slice((colon &+ 1)..<end).trimmingWhitespace
    }

    /// Where the line stands, its line break included.
    var range: Range<Int> { start..<(end &+ 2) }
}
