import TestSupport
import Testing

@testable import Wire

@Suite("Percent-escapes in paths")
struct PercentEncodingTests {
    private func decoded(_ segment: [UInt8], capacity: Int = 251) throws(PercentEncoding.Malformed)
        -> (
            bytes: [UInt8], count: Int
        )
    {
        var count = 0
        let bytes = try withExactBytes(segment) { (segment) throws(PercentEncoding.Malformed) in
            try writtenBytes(capacity: capacity) { (output) throws(PercentEncoding.Malformed) in
                count = try PercentEncoding.decode(segment, into: output)
                return min(count, capacity)
            }
        }
        return (bytes ?? [], count)
    }

    @Test(
        "Escapes are decoded, and + stays a +",
        arguments: [
            ("", ""), ("foo", "foo"), ("%66oo", "foo"), ("f%6Fo", "foo"), ("fo%6f", "foo"),
            ("a+b", "a+b"), ("%2B", "+"), ("%2541", "%41"), ("%C3%A4", "ä"), ("%00", "\0"),
            ("%2F", "/"),
        ]
    )
    func decodes(segment: String, expected: String) throws {
        let result = try decoded([UInt8](segment))
        #expect(result.bytes == [UInt8](expected))
        #expect(result.count == expected.utf8.count)
    }

    @Test(
        "A malformed escape is refused, also behind the room there is",
        arguments: ["%", "%4", "a%", "a%4", "%zz", "%4z", "%z4", "%%41", "%u0041", "aaaaaaaaaa%"]
    )
    func refuses(segment: String) {
        #expect(throws: PercentEncoding.Malformed.self) {
            try decoded([UInt8](segment), capacity: 2)
        }
    }

    @Test("Too long a segment is cut, and its whole length told")
    func tellsTheWholeLength() throws {
        let segment = [UInt8](String(repeating: "%61b", count: 1_000))
        let result = try decoded(segment, capacity: 251)
        #expect(result.count == 2_000)
        #expect(result.bytes == [UInt8](String(repeating: "ab", count: 125) + "a"))
    }

    @Test("Only a segment with a % has to be decoded")
    func isEncoded() {
        for (segment, expected) in [("", false), ("foo", false), ("%", true), ("123456789%", true)]
        {
            #expect(withExactBytes([UInt8](segment)) { PercentEncoding.isEncoded($0) } == expected)
        }
    }

    @Test("Any bytes come back from their escapes")
    func roundTrip() throws {
        let raw = [UInt8](UInt8.min...UInt8.max)
        var segment: [UInt8] = []
        for byte in raw {
            segment += [0x25, (byte >> 4).lowHexDigit, byte.lowHexDigit]
        }
        #expect(try decoded(segment, capacity: 256).bytes == raw)
    }
}
