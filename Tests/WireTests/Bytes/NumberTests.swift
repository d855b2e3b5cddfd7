import TestSupport
import Testing

@testable import Wire

@Suite("Numbers")
struct NumberTests {
    @Test("A decimal number is 1 to 18 digits, and nothing else")
    func decimal() {
        func number(_ text: String) -> Int? {
            withExactBytes([UInt8](text.utf8)) { $0.decimalNumber }
        }
        #expect(number("0") == 0)
        #expect(number("007") == 7)
        #expect(number("999999999999999999") == 999_999_999_999_999_999)
        for text in ["", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1a", "1000000000000000000", "١"] {
            #expect(number(text) == nil, "\(text)")
        }
    }

    @Test("Sixteen hexadecimal digits are written in lower case and read back")
    func hexadecimal() {
        var generator = SeededGenerator(seed: 1)
        var numbers: [UInt64] = [
            0, .max, 0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 9 << 60, 0xA << 60,
        ]
        numbers += (0..<1000).map { _ in generator.next() }
        for number in numbers {
            let digits = Hexadecimal.digits(of: number)
            let bytes = digits.indices.map { digits[$0] }
            let text = String(number, radix: 16)
            let padded = String(repeating: "0", count: 16 - text.count) + text
            #expect(String(decoding: bytes, as: UTF8.self) == padded)
            #expect(withExactBytes(bytes) { Hexadecimal.number($0) } == number)
        }
        for text in [
            "", "0", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg",
        ] {
            #expect(withExactBytes([UInt8](text.utf8)) { Hexadecimal.number($0) } == nil)
        }
    }
}
