import TestSupport
import Testing

@testable import Wire

@Suite("CharacterClass")
struct CharacterClassTests {
    private static let alphanumerics =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    /// The bytes of a class, by the grammar's own words.
    private static func expect(
        _ wanted: CharacterClass,
        is definition: (UInt8) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for byte in UInt8.min...UInt8.max {
            let isExpected = definition(byte)
            #expect(
                CharacterClass.contains(byte, wanted) == isExpected,
                "\(byte)",
                sourceLocation: sourceLocation
            )
            #expect(
                [byte].withUnsafeBytes { $0.consists(of: wanted) } == isExpected,
                "\(byte)",
                sourceLocation: sourceLocation
            )
        }
    }

    @Test("A token is made of tchar (RFC 9110 §5.6.2)")
    func token() {
        let members = Set((Self.alphanumerics + "!#$%&'*+-.^_`|~").utf8)
        Self.expect(.token) { members.contains($0) }
    }

    @Test("A field's value is made of HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5)")
    func fieldValue() {
        Self.expect(.fieldValue) { byte in
            switch byte {
            case 0x09, 0x20: true
            case 0x21...0x7E: true
            case 0x80...0xFF: true
            default: false
            }
        }
    }

    @Test("A request target is made of visible ASCII without # (RFC 9112 §3.2)")
    func target() {
        Self.expect(.target) { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
    }

    @Test("An authority without user information is made of these (RFC 3986 §3.2)")
    func host() {
        let members = Set((Self.alphanumerics + "-._~!$&'()*+,;=:[]%").utf8)
        Self.expect(.host) { members.contains($0) }
    }

    @Test("One byte that does not belong is found wherever it is, and none in nothing")
    func consists() {
        #expect(
            [UInt8]().withUnsafeBytes { $0.consists(of: .token) && $0.isFieldValue && $0.isTarget }
        )
        for count in 1...20 {
            var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count)
            #expect(bytes.withUnsafeBytes { $0.consists(of: .token) })
            for index in 0..<count {
                bytes[index] = UInt8(ascii: "/")
                #expect(!bytes.withUnsafeBytes { $0.consists(of: .token) })
                bytes[index] = UInt8(ascii: "a")
            }
        }
    }

    /// What looks at eight bytes at a time, and what it stands for.
    private static let words: [(CharacterClass, @Sendable (UnsafeRawBufferPointer) -> Bool)] = [
        (.fieldValue, { $0.isFieldValue }), (.target, { $0.isTarget }),
    ]

    @Test(
        "Eight bytes at a time say the same as one by one: each byte, each place, each length",
        arguments: 0..<2
    )
    func wordsAndBytes(which: Int) {
        let (wanted, consists) = Self.words[which]
        for count in 1...20 {
            // What is beside it may carry into it, or borrow from it.
            for others: UInt8 in [0x61, 0x21, 0x7E] + (which == 0 ? [0x20, 0x80, 0xFF] : [0x24]) {
                var bytes = [UInt8](repeating: others, count: count)
                for index in 0..<count {
                    for byte in UInt8.min...UInt8.max {
                        bytes[index] = byte
                        let belong = withExactBytes(bytes, consists)
                        if belong != CharacterClass.contains(byte, wanted) {
                            Issue.record("\(byte) at \(index) of \(count), beside \(others)")
                        }
                    }
                    bytes[index] = others
                }
            }
        }
    }

    @Test("The same for any two bytes beside each other", arguments: 0..<2)
    func wordsAndPairs(which: Int) {
        let (wanted, consists) = Self.words[which]
        var bytes = [UInt8](repeating: 0x61, count: 8)
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                (bytes[3], bytes[4]) = (first, second)
                let belong =
                    CharacterClass.contains(first, wanted)
                    && CharacterClass.contains(second, wanted)
                if bytes.withUnsafeBytes(consists) != belong { Issue.record("\(first), \(second)") }
            }
        }
    }

    @Test("A token ends in front of the first byte that is none of it, or with the bytes")
    func endOfToken() {
        #expect([UInt8]().withUnsafeBytes { $0.endOfToken } == 0)
        for count in 1...20 {
            var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: count)
            for index in 0..<count {
                for byte in UInt8.min...UInt8.max {
                    bytes[index] = byte
                    let isToken = CharacterClass.contains(byte, .token)
                    let end = withExactBytes(bytes) { $0.endOfToken }
                    if end != (isToken ? count : index) {
                        Issue.record("\(byte) at \(index) of \(count)")
                    }
                }
                bytes[index] = UInt8(ascii: "a")
            }
        }
        #expect([UInt8]("a:b c").withUnsafeBytes { $0.endOfToken } == 1)
    }
}
