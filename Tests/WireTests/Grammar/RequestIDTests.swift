import TestSupport
import Testing

@testable import Wire

@Suite("RequestID")
struct RequestIDTests {
    @Test(
        "An id has 1 to 128 letters, digits, dots, hyphens and underscores",
        arguments: [
            ("a", true), ("A-z_0.9", true), (String(repeating: "x", count: 128), true), ("", false),
            (String(repeating: "x", count: 129), false), ("a b", false), ("a/b", false),
            ("\u{E4}", false),
            ("a,b", false), ("a\"", false), ("a\n", false),
        ]
    )
    func valid(text: String, isValid: Bool) {
        #expect(withExactBytes([UInt8](text.utf8)) { RequestID.isValid($0) } == isValid)
    }

    @Test("Each byte is one of an id, or is not")
    func bytes() {
        let legal = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8)
        for byte in UInt8.min ... .max {
            #expect(withExactBytes([byte]) { RequestID.isValid($0) } == legal.contains(byte))
        }
    }

    @Test("A number is written as sixteen hexadecimal digits")
    func written() {
        var random = SeededGenerator(seed: 1)
        let numbers = [0, 1, 0x0123_4567_89AB_CDEF, .max] + (0..<1000).map { _ in random.next() }
        for number in numbers {
            var room = [UInt8](repeating: 0, count: RequestID.madeBytes)
            room.withUnsafeMutableBytes { RequestID.write(number, to: $0.baseAddress!) }
            let digits = String(number, radix: 16)
            let expected = String(repeating: "0", count: 16 - digits.count) + digits
            #expect(String(decoding: room, as: UTF8.self) == expected)
        }
    }
}
