import TestSupport
import Testing

@testable import Wire

@Suite("FieldLine")
struct FieldLineTests {
    /// The line that begins at `start`, as its parts: what is read in one pass.
    private static func parts(of text: String, at start: Int = 0) -> [String]? {
        withExactBytes([UInt8](text.utf8)) { bytes in
            FieldLine(at: start, in: bytes).map {
                [$0.name(in: bytes), $0.value(in: bytes), bytes.slice($0.range)]
                    .map { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    @Test("A line with its end is taken apart, wherever it stands")
    func whole() {
        #expect(Self.parts(of: "A: b\r\n") == ["A", "b", "A: b\r\n"])
        #expect(Self.parts(of: "xyz A: b \r\nC: d\r\n", at: 4) == ["A", "b", "A: b \r\n"])
        #expect(Self.parts(of: "A:\r\n\r\n") == ["A", "", "A:\r\n"])
        #expect(Self.parts(of: "A: \u{E4}:b\r\n") == ["A", "\u{E4}:b", "A: \u{E4}:b\r\n"])
        let long = String(repeating: "v", count: 1000)
        let name = String(repeating: "N-", count: 50)
        #expect(Self.parts(of: "\(name): \(long)\r\n")?[1] == long)
    }

    @Test(
        "A line that is not whole, or holds anything unusual, is left to the other way",
        arguments: [
            "", "A", "A:", "A: b", "A: b\r", "A: b\n", "A: b\rc\r\n", "A: b\tc\r\n", "A: \0\r\n",
            "A: \u{7F}\r\n", "A : b\r\n", " A: b\r\n", ": b\r\n", "\r\n", "A\r\nB: c\r\n",
            "A(: b\r\n", "A: 0123456789\u{1F}\r\n",
        ]
    )
    func unusual(text: String) { #expect(Self.parts(of: text) == nil) }

    @Test("Whatever one pass accepts, the other way accepts, with the same parts", arguments: 1...4)
    func same(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<20_000 {
            let alphabet = [UInt8]("aZaZ-:::: ,;xxyz\t\u{7F}\u{E4}".utf8)
            let line = random.bytes(random.below(24), of: alphabet)
            withExactBytes(line + [0x0D, 0x0A]) { bytes in
                let first = FieldLine(at: 0, in: bytes)
                let second = line.isEmpty ? nil : FieldLine(0..<line.count, of: bytes)
                if let first {
                    accepted += 1
                    #expect(first == second, "\(line)")
                } else if second != nil {
                    // Only a tab is well-formed and unusual.
                    #expect(line.contains(0x09), "\(line)")
                }
            }
        }
        #expect(accepted > 500)
    }
}
