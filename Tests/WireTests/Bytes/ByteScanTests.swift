import TestSupport
import Testing

@testable import Wire

@Suite("ByteScan")
struct ByteScanTests {
    private static func word(_ bytes: [UInt8]) -> UInt64 {
        withExactBytes(bytes) { ByteScan.load($0, at: 0) }
    }

    /// Neighbours that might carry into a byte, or borrow from it.
    private static let neighbours: [UInt8] = [0x00, 0x40, 0x41, 0x5A, 0x5B, 0x7F, 0x80, 0xC1, 0xFF]

    /// Gives words in which each byte value stands at each of the eight places.
    private static func forEachWord(_ body: (_ bytes: [UInt8], _ index: Int) -> Void) {
        for others in neighbours {
            for index in 0..<8 {
                var bytes = [UInt8](repeating: others, count: 8)
                for byte in UInt8.min...UInt8.max {
                    bytes[index] = byte
                    body(bytes, index)
                }
            }
        }
    }

    @Test("The first byte of a word is its lowest, from any offset")
    func load() {
        let bytes: [UInt8] = [9, 1, 2, 3, 4, 5, 6, 7, 8]
        withExactBytes(bytes) { bytes in
            #expect(ByteScan.load(bytes, at: 1) == 0x0807_0605_0403_0201)
            #expect(ByteScan.load(bytes, at: 0) == 0x0706_0504_0302_0109)
        }
        #expect(ByteScan.word(of: 0xAB) == 0xABAB_ABAB_ABAB_ABAB)
    }

    @Test(
        "Letters of a word come in lower case, and nothing else changes: each byte, at each place"
    )
    func lowercased() {
        Self.forEachWord { bytes, index in
            let expected = Self.word(
                bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 0x20 : $0 }
            )
            if ByteScan.lowercased(Self.word(bytes)) != expected {
                Issue.record("\(bytes[index]) at \(index), beside \(bytes[7 - index])")
            }
        }
    }

    @Test(
        "The lowest mark of a word belongs to the first byte that is meant: each byte, each place"
    )
    func marks() {
        func check(_ marks: UInt64, _ bytes: [UInt8], _ isMeant: (UInt8) -> Bool) {
            let first = marks == 0 ? nil : marks.trailingZeroBitCount / 8
            if first != bytes.firstIndex(where: isMeant) { Issue.record("\(marks) of \(bytes)") }
        }
        Self.forEachWord { bytes, _ in
            let word = Self.word(bytes)
            for wanted: UInt8 in [0x00, 0x41, 0x80, 0xFF] {
                check(ByteScan.marks(of: wanted, in: word), bytes) { $0 == wanted }
            }
            for bound: UInt8 in [0x01, 0x41, 0x80] {
                check(ByteScan.marks(below: bound, in: word), bytes) { $0 < bound }
            }
        }
    }

    @Test("A byte is found at each place from each start, in each length; else the end is told")
    func firstOffset() {
        for count in 0...20 {
            for place in 0...count {
                var bytes = [UInt8](repeating: 1, count: count)
                if place < count { bytes[place] = 2 }
                for start in 0...count {
                    let expected = start <= place ? place : count
                    let found = withExactBytes(bytes) {
                        ByteScan.firstOffset(of: 2, in: $0, from: start)
                    }
                    if found != expected { Issue.record("\(place) of \(count), from \(start)") }
                }
            }
        }
    }

    @Test("Bytes match where all of them are the same, and all are there")
    func matches() {
        withExactBytes([UInt8]("abcabd")) { bytes in
            func matches(_ text: String, at offset: Int) -> Bool {
                withExactBytes([UInt8](text)) { ByteScan.matches(bytes, at: offset, $0) }
            }
            #expect(matches("abc", at: 0) && matches("abd", at: 3) && matches("", at: 6))
            #expect(!matches("abd", at: 0) && !matches("abda", at: 3) && !matches("x", at: 6))
        }
    }
}
