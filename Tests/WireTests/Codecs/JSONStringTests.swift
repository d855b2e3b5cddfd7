import Foundation
import TestSupport
import Testing

@testable import Wire

@Suite("JSON strings")
struct JSONStringTests {
    private func escaped(_ raw: [UInt8]) -> [UInt8]? {
        withExactBytes(raw) { raw in
            guard let count = JSONString.escapedCount(of: raw) else { return nil }
            let written = writtenBytes(capacity: count) { JSONString.escape(raw, into: $0) }
            #expect(written?.count == count)
            return written
        }
    }

    private func unescaped(_ inside: [UInt8]) -> [UInt8]? {
        withExactBytes(inside) { inside in
            let count = JSONString.unescapedCount(of: inside)
            let written = writtenBytes(capacity: count ?? 0) {
                JSONString.unescape(inside, into: $0)
            }
            #expect(written?.count == count)
            return written
        }
    }

    @Test(
        "What must be escaped is, in the short form where there is one, and nothing else",
        arguments: [
            ("", ""), ("bart", "bart"), ("\"", #"\""#), ("\\", #"\\"#), ("/", "/"),
            ("\u{8}\t\n\u{C}\r", #"\b\t\n\f\r"#), ("\0\u{1F}\u{B}", #"\u0000\u001F\u000B"#),
            ("\u{7F}", "\u{7F}"), ("ä€😀", "ä€😀"), ("\u{2028}", "\u{2028}"),
            ("12345678\"", #"12345678\""#), ("1234567\"8", #"1234567\"8"#),
        ]
    )
    func escapes(raw: String, inside: String) {
        #expect(escaped([UInt8](raw)) == [UInt8](inside))
        #expect(unescaped([UInt8](inside)) == [UInt8](raw))
    }

    @Test("Each ASCII byte at each position of a word is counted and escaped right")
    func everyByteAtEveryPosition() throws {
        for byte in UInt8(0)..<0x80 {
            for position in 0..<17 {
                var raw = [UInt8](repeating: 0x61, count: 17)
                raw[position] = byte
                let inside = try #require(escaped(raw))
                let expected = byte < 0x20 || byte == 0x22 || byte == 0x5C
                #expect((inside.count > 17) == expected)
                #expect(unescaped(inside) == raw)
            }
        }
    }

    @Test(
        "Escapes of every kind are read",
        arguments: [
            (#"\/"#, "/"), (#"\u0041"#, "A"), (#"\u00e9\u00E9"#, "éé"), (#"\u20AC"#, "€"),
            (#"\ud83D\uDe00"#, "😀"), (#"\uFFFF"#, "\u{FFFF}"), (#"\uDBFF\uDFFF"#, "\u{10FFFF}"),
            (#"a\u0000b"#, "a\0b"), (#"\\u0041"#, #"\u0041"#),
        ]
    )
    func readsEscapes(inside: String, raw: String) {
        #expect(unescaped([UInt8](inside)) == [UInt8](raw))
    }

    @Test(
        "What cannot stand in a string is refused",
        arguments: [
            #"""#, #"a"b"#, #"\"#, #"\x"#, #"\u"#, #"\u12"#, #"\u123"#, #"\u123g"#, #"\U0041"#,
            #"\ud800"#, #"\ud800x"#, #"\ud800\n"#, #"\ud800\u0041"#, #"\udc00"#, #"\ud800\ud800"#,
            #"\ud83d\ude0"#, "\n", "tab\there", "\0", "12345678\u{1F}",
        ]
    )
    func refuses(inside: String) {
        #expect(unescaped([UInt8](inside)) == nil)
    }

    @Test("A scan stops at the quote, or says what is wrong and where")
    func scanStops() {
        let cases: [(String, JSONString.Scan)] = [
            (#"ab\n"x"#, .init(end: 4, unescapedCount: 3, stop: .quote)),
            (#"ab"#, .init(end: 2, unescapedCount: 2, stop: .endOfInput)),
            ("ab\n", .init(end: 2, unescapedCount: 2, stop: .control)),
            (#"ab\q"#, .init(end: 2, unescapedCount: 2, stop: .badEscape)),
            (#"ab\ud800"#, .init(end: 2, unescapedCount: 2, stop: .loneSurrogate)),
        ]
        for (text, expected) in cases {
            #expect(withExactBytes([UInt8](text)) { JSONString.scan($0, from: 0) } == expected)
        }
        let scan = withExactBytes([0x61, 0xFF]) { JSONString.scan($0, from: 0) }
        #expect(scan == .init(end: 1, unescapedCount: 1, stop: .badUTF8))
    }

    @Test("UTF-8 is taken exactly where the standard library takes it")
    func agreesOnUTF8() {
        var generator = SeededGenerator(seed: 1)
        let edges: [UInt8] = [
            0x00, 0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
            0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var validCount = 0
        for round in 0..<60_000 {
            // Every lead with edges behind it, at the end of the input and in its middle.
            var raw = [UInt8(truncatingIfNeeded: round)]
            raw += generator.bytes(Int.random(in: 0...3, using: &generator), of: edges)
            if round % 3 == 0 { raw = [UInt8]("1234567") + raw + [UInt8]("89") }
            let isValid = String(validating: raw, as: UTF8.self) != nil
            validCount += isValid ? 1 : 0
            let count = withExactBytes(raw) { JSONString.escapedCount(of: $0) }
            #expect((count != nil) == isValid, "\(raw)")
            let inside = raw.filter { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }
            #expect(
                (unescaped(inside) == inside)
                    == (String(validating: inside, as: UTF8.self) != nil),
                "\(inside)"
            )
        }
        #expect(validCount > 1_000)
    }

    @Test("Any text comes back from its escaped form, and Foundation reads the same")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<2_000 {
            let text = generator.text(Int.random(in: 0...40, using: &generator))
            let inside = try #require(escaped([UInt8](text)))
            #expect(unescaped(inside) == [UInt8](text))
            let document = Data([UInt8]("[\"") + inside + [UInt8]("\"]"))
            let read = try JSONDecoder().decode([String].self, from: document)
            #expect(read.first.map { [UInt8]($0) } == [UInt8](text))
        }
    }

    @Test("Random bytes are either refused or shrink, and never trap")
    func randomInsides() {
        var generator = SeededGenerator(seed: 3)
        let alphabet = [UInt8](#"\\\\\"unbdD8cC0aé€"#)
        for _ in 0..<20_000 {
            let inside = generator.bytes(Int.random(in: 0...24, using: &generator), of: alphabet)
            if let raw = unescaped(inside) { #expect(raw.count <= inside.count) }
        }
    }

    @Test("The longest values are escaped six for one")
    func longest() throws {
        let raw = [UInt8](repeating: 1, count: 1_572_864)
        let inside = try #require(escaped(raw))
        #expect(inside.count == 6 * raw.count)
        // Not compared within #expect, which would look for the differences for minutes.
        let isSame = unescaped(inside) == raw
        #expect(isSame)
    }
}
