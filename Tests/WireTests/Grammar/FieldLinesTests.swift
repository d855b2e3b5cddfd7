import TestSupport
import Testing

@testable import Wire

@Suite("FieldLines")
struct FieldLinesTests {
    private static func text(_ lines: borrowing FieldLines) -> String {
        String(decoding: lines.bytes, as: UTF8.self)
    }

    private static func cString(_ lines: inout FieldLines) -> String? {
        lines.cString().map { String(cString: $0) }
    }

    @Test("The first value comes without a name; each further field has a line of its own")
    func form() {
        var lines = FieldLines()
        #expect((Self.text(lines)) == "")
        lines.write("first")
        lines.begin("A-Name")
        lines.write("literal, ")
        lines.write(String("text with ä"))
        [UInt8]("B").withUnsafeBytes { lines.begin($0) }
        [UInt8]("raw").withUnsafeBytes { lines.write($0) }
        lines.begin("Empty")
        let expected = "first\r\nA-Name: literal, text with ä\r\nB: raw\r\nEmpty: "
        let text = Self.text(lines)
        #expect(text == expected)
        let string = Self.cString(&lines)
        #expect(string == expected)
        let isWhole = lines.isWhole
        #expect(isWhole)
    }

    @Test("What was written before is forgotten, also by the C string")
    func removeAll() {
        var lines = FieldLines()
        for text in ["a long one, the first", "short", "", "a longer one again"] {
            lines.removeAll()
            lines.write(text)
            let written = Self.text(lines)
            #expect(written == text)
            let string = Self.cString(&lines)
            #expect(string == text)
        }
    }

    @Test("Any number of fields is kept whole")
    func growth() {
        var lines = FieldLines()
        var expected = ""
        for number in 0..<2000 {
            lines.begin("X-Field")
            lines.write("\(number)")
            expected += "\r\nX-Field: \(number)"
            if number % 100 == 0 {
                let string = Self.cString(&lines)
                #expect(string == expected)
            }
        }
        let text = Self.text(lines)
        #expect(text == expected)
    }

    @Test(
        "Where something found no memory nothing more is written, until all is forgotten",
        // Sanitizers end the process instead.
        .enabled(if: HeapFixtures.isGlibc, Comment(rawValue: HeapFixtures.otherHeap))
    )
    func noMemory() {
        var lines = FieldLines()
        lines.write("a")
        // More than any address space has; nothing is read of it.
        lines.write(
            UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: 8), count: 1 << 60)
        )
        lines.write("b")
        var isWhole = lines.isWhole
        #expect(!isWhole)
        var string = Self.cString(&lines)
        #expect(string == nil)
        let text = Self.text(lines)
        #expect(text == "a", "no line without its middle")
        lines.removeAll()
        lines.write("c")
        isWhole = lines.isWhole
        #expect(isWhole)
        string = Self.cString(&lines)
        #expect(string == "c")
    }
}
