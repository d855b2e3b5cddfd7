import Basics

/// Several header fields in the form that they have in a message, which evhttp prints as one.
///
/// evhttp keeps three heap blocks for each field, and formats each by itself: with what it took to put the
/// values together, that was a seventh of the instructions of a relayed GET. A value, though, it prints as it is. So one node holds them all: its name is
/// the first field's, its value goes on with the lines of the others. Only the line break behind the
/// last one is evhttp's.
///
/// No name and no value may hold a line break: that is for the guard, and for evhttp's parser, to see to.
package struct FieldLines: ~Copyable {
    private var text = HeapBytes()
    /// Whether there was memory for all that was written since ``removeAll()``.
    package private(set) var isWhole = true

    package init() {}

    /// What has been written, without a NUL; valid until the next change.
    package var bytes: UnsafeRawBufferPointer { text.bytes }

    /// The same as a C string; nil where it is not whole.
    package mutating func cString() -> UnsafeMutablePointer<CChar>? {
        isWhole ? text.cString() : nil
    }

    /// Forgets everything. The value of the first field comes next.
    package mutating func removeAll() {
        text.truncate(to: 0)
        isWhole = true
    }

    /// Begins the line of a further field. Its value comes next.
    mutating func begin(_ name: UnsafeRawBufferPointer) {
        write("\r\n")
        write(name)
        write(": ")
    }

    package mutating func begin(_ name: StaticString) {
        begin(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    /// Writes the lines of further fields, each of which ends in CRLF.
    mutating func write(lines: UnsafeRawBufferPointer) {
        guard !lines.isEmpty else { return }
        write("\r\n")
        write(lines.slice(0..<(lines.count - 2)))
    }

    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        isWhole = isWhole && text.append(bytes)
    }

    package mutating func write(_ literal: StaticString) {
        write(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    package mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }
}
