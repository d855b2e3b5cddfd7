import TestSupport
import Testing

@testable import Wire

@Suite("Comparisons of bytes, and parts of them")
struct ByteComparisonTests {
    /// Lower case, of each length from 0 to 20: what is no letter is part of it.
    private static let literals: [StaticString] = [
        "", "a", "az", "a-z", "{z[a", "a0-z_", "za-09`", "a-b-c-d", "a-b-c-d@", "az-b-c-d!",
        "content-ty", "content-typ", "content-type", "content-range", "content-length",
        "x-forwarded-for", "content-encoding", "transfer-encoding", "proxy-authenticate",
        "proxy-authorization", "a-name-of-20-letters",
    ]

    @Test("The literals that are compared here have all lengths")
    func lengths() {
        #expect(Self.literals.map(\.utf8CodeUnitCount) == Array(0...20))
    }

    @Test("A literal is found in any case, in each length", arguments: literals)
    func equalsIgnoringCase(literal: StaticString) {
        let text = literal.description
        for text in [text, text.uppercased(), text.capitalized] {
            #expect(withExactBytes([UInt8](text)) { $0.equalsIgnoringCase(literal) })
        }
        #expect(!withExactBytes([UInt8](text + "a")) { $0.equalsIgnoringCase(literal) })
        if !text.isEmpty {
            #expect(
                !withExactBytes([UInt8](String(text.dropLast()))) { $0.equalsIgnoringCase(literal) }
            )
        }
    }

    @Test("One wrong byte at any place makes another name: each byte", arguments: literals)
    func oneByteWrong(literal: StaticString) {
        let bytes = [UInt8](literal.description)
        for index in bytes.indices {
            var other = bytes
            for byte in UInt8.min...UInt8.max {
                other[index] = byte
                let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                let isSame = (isLetter ? byte + 0x20 : byte) == bytes[index]
                let (isFound, isExact) = withExactBytes(other) {
                    ($0.equalsIgnoringCase(literal), $0.equals(literal))
                }
                if isFound != isSame { Issue.record("\(byte) at \(index)") }
                if isExact != (byte == bytes[index]) {
                    Issue.record("\(byte) at \(index), exactly")
                }
            }
        }
    }

    @Test("Nothing is equal to the empty literal, and to no other")
    func nothing() {
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(nothing.equals("") && nothing.equalsIgnoringCase(""))
        #expect(!nothing.equals("a") && !nothing.equalsIgnoringCase("a"))
        #expect(nothing.firstIndex(of: 0) == nil && nothing.trimmingWhitespace.isEmpty)
    }

    @Test(
        "White space goes from both ends, and stays inside",
        arguments: [
            ("", ""), (" ", ""), ("\t \t", ""), ("a", "a"), (" a", "a"), ("a\t", "a"),
            ("\t a \t b \t", "a \t b"), ("\ra\n", "\ra\n"), ("\u{B}a\u{A0} ", "\u{B}a\u{A0}"),
        ]
    )
    func trimming(text: String, expected: String) {
        let trimmed = withExactBytes([UInt8](text)) {
            String(decoding: $0.trimmingWhitespace, as: UTF8.self)
        }
        #expect(trimmed == expected)
    }

    @Test("The first place of a byte, and a part of the bytes that begins at 0")
    func parts() {
        withExactBytes([UInt8]("abcabc")) { bytes in
            #expect(bytes.firstIndex(of: UInt8(ascii: "c")) == 2)
            #expect(bytes.firstIndex(of: UInt8(ascii: "d")) == nil)
            let part = bytes.slice(3..<5)
            #expect(part.count == 2 && part[0] == UInt8(ascii: "a"))
            #expect(part.firstIndex(of: UInt8(ascii: "c")) == nil, "behind its end")
            #expect(bytes.slice(6..<6).isEmpty)
        }
    }

    @Test(
        "The members of a list come in order, without white space and without the empty ones",
        arguments: [
            ("", []), (",", []), (" , ,\t,", []), ("a", ["a"]), ("a,b", ["a", "b"]),
            (" a b ,\tc,,", ["a b", "c"]), (",,a", ["a"]), ("a,", ["a"]),
            ("\"a,b\"", ["\"a", "b\""]),
        ] as [(String, [String])]
    )
    func list(text: String, members: [String]) {
        withExactBytes([UInt8](text)) { bytes in
            let found = ListMembers(bytes).map { String(decoding: $0, as: UTF8.self) }
            #expect(found == members)
            #expect(bytes.listContains("a") == members.contains("a"))
        }
    }

    @Test("A list has a member in any case, wherever it stands, and no part of one")
    func listContains() {
        for (text, isThere) in [
            ("close", true), ("x, Close", true), ("CLOSE ,x", true), ("x,close,y", true),
            ("closed", false), ("x-close", false), ("clo,se", false), ("close x", false),
        ] {
            #expect(withExactBytes([UInt8](text)) { $0.listContains("close") } == isThere)
        }
    }
}
