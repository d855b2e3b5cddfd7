import Testing

@testable import KVSServer

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
        #expect([UInt8]().withUnsafeBytes { $0.consists(of: .token) && $0.isFieldValue })
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

    @Test(
        "Eight bytes at a time say the same as one by one: each byte, at each place, in each length"
    )
    func wordsAndBytes() {
        // What is beside it may carry into it, or borrow from it.
        for others: UInt8 in [0x20, 0x09, 0x61, 0x7E, 0x80, 0xFF] {
            for count in [1, 7, 8, 9, 16, 23] {
                var bytes = [UInt8](repeating: others, count: count)
                for index in 0..<count {
                    for byte in UInt8.min...UInt8.max {
                        bytes[index] = byte
                        let (fast, slow) = withExactBytes(bytes) {
                            ($0.isFieldValue, $0.consists(of: .fieldValue))
                        }
                        if fast != slow {
                            Issue.record("\(byte) at \(index) of \(count), beside \(others)")
                        }
                    }
                    bytes[index] = others
                }
            }
        }
    }

    @Test("The same for any two bytes beside each other")
    func wordsAndPairs() {
        var bytes = [UInt8](repeating: 0x61, count: 8)
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                (bytes[3], bytes[4]) = (first, second)
                let isValue = bytes.withUnsafeBytes { $0.isFieldValue }
                let belong =
                    CharacterClass.contains(first, .fieldValue)
                    && CharacterClass.contains(second, .fieldValue)
                if isValue != belong { Issue.record("\(first), \(second)") }
            }
        }
    }
}
