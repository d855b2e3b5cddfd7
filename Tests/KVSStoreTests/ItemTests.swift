import Glibc
import TestSupport
import Testing

@testable import KVSStore

@Suite("Item")
struct ItemTests {
    @Test(
        "A value is kept as it is sent",
        arguments: [
            ("", "", true),
            ("bart", "bart", true),
            ("grüße, 世界 😀", "grüße, 世界 😀", true),
            ("say \"hi\"", #"say \"hi\""#, false),
            (#"C:\temp"#, #"C:\\temp"#, false),
            ("two\nlines", #"two\nlines"#, false),
            ("a\u{1}b", #"a\u0001b"#, false),
        ]
    )
    func utf8(_ value: String, _ stored: String, _ isVerbatim: Bool) {
        let item = Item.make("foo", value)
        #expect(item.encoding == .utf8)
        #expect(item.storedText == stored)
        #expect(item.isVerbatim == isVerbatim)
        #expect(item.rawValueCount == value.utf8.count)
        #expect(item.rawValue == Array(value.utf8))
        #expect(item.dataBytes == 3 + stored.utf8.count)
    }

    @Test(
        "A value that is not UTF-8 is kept as base64",
        arguments: [
            ([0xFF], "/w=="),
            ([0xC3], "ww=="),
            ([0x61, 0x80], "YYA="),
            ([0xED, 0xA0, 0x80], "7aCA"),
            ([0xC0, 0x80, 0x00, 0xFE], "wIAA/g=="),
        ] as [([UInt8], String)]
    )
    func base64(_ value: [UInt8], _ stored: String) {
        let item = Item.make("foo", value)
        #expect(item.encoding == .base64)
        #expect(item.storedText == stored)
        #expect(!item.isVerbatim)
        #expect(item.rawValueCount == value.count)
        #expect(item.rawValue == value)
    }

    @Test("Every byte comes back, alone and among others")
    func everyByte() {
        for byte in UInt8.min...UInt8.max {
            for value in [[byte], [0x61, byte, 0x62], [0xFF, byte]] {
                #expect(Item.make("k", value).rawValue == value)
            }
        }
    }

    @Test("Whatever bytes go in come out, with their key", arguments: 1...8 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) {
        var generator = StoreFixtures.Generator(seed: seed)
        for _ in 0..<200 {
            let value = generator.value(maxBytes: 300)
            let key = String(
                repeating: "k",
                count: Int.random(in: 1...Key.maxBytes, using: &generator)
            )
            let item = Item.make(key, value)
            #expect(item.rawValue == value)
            #expect(item.keyText == key)
            #expect(item.rawValueCount == value.count)
            #expect((item.encoding == .utf8) == (String(validating: value, as: UTF8.self) != nil))
            #expect(item.isVerbatim == (Array(item.storedText.utf8) == value))
            #expect(item.dataBytes == key.utf8.count + item.storedValue.count)
        }
    }

    @Test(
        "The largest value fits, also where escaping makes it six times as long",
        arguments: [
            (UInt8(ascii: "v"), 1_572_864), (0x01, 6 * 1_572_864), (0xFF, 2_097_152),
        ] as [(UInt8, Int)]
    )
    func largest(_ byte: UInt8, _ storedCount: Int) {
        let value = [UInt8](repeating: byte, count: Item.maxRawValueBytes)
        let item = Item.make(String(repeating: "k", count: Key.maxBytes), value)
        #expect(item.storedValue.count == storedCount)
        #expect(item.rawValueCount == value.count)
        #expect(item.rawValue == value)
    }

    @Test("copyRawValue writes to the start of a larger buffer, and nothing after the value")
    func copyIntoLarger() {
        for value in [Array("plain".utf8), Array("a\"b\n".utf8), [0xFF, 0x00, 0xFE]] {
            var buffer = [UInt8](repeating: 0xAA, count: value.count + 9)
            buffer.withUnsafeMutableBytes { Item.make("k", value).copyRawValue(into: $0) }
            #expect(buffer == value + [UInt8](repeating: 0xAA, count: 9))
        }
    }

    @Test("The key is compared by length and bytes")
    func hasKey() {
        func has(_ item: Item, _ key: String) -> Bool {
            Key(key).withUnsafeBytes { item.hasKey($0) }
        }
        let item = Item.make("foo", "foo1")
        #expect(has(item, "foo"))
        for other in ["fo", "foo1", "Foo", "fop", "goo"] { #expect(!has(item, other)) }
    }

    @Test("The stored bytes stay where they are as long as the owner is held, and no longer")
    func lifetime() {
        var item: Item? = Item.make("foo", "a value")
        var owner = item?.owner
        weak let block = owner
        let stored = item?.storedValue
        item = nil
        withExtendedLifetime(owner) {
            #expect(stored.map { String(decoding: $0, as: UTF8.self) } == "a value")
        }
        #expect(block != nil)
        owner = nil
        #expect(block == nil)
    }

    @Test("A 16-byte key with a 64-byte value takes one chunk of 112 bytes")
    func footprintOfSmall() {
        let value = String(repeating: "v", count: 64)
        #expect(Item.make(String(repeating: "k", count: 16), value).footprint == 112)
        #expect(Item.make(String(repeating: "k", count: 17), value).footprint == 128)
    }

    @Test(
        "The footprint is what the heap gives away",
        .enabled(if: HeapFixtures.isGlibc, Comment(rawValue: HeapFixtures.otherHeap)),
        arguments: [0, 1, 6, 7, 8, 22, 23, 64, 1000, 100_000, 1_572_864]
    )
    func footprintMeasured(valueBytes: Int) {
        let item = Item.make("k", String(repeating: "v", count: valueBytes))
        // Safe: the object is alive, and its address is that of its heap block.
        let address = Unmanaged.passUnretained(item.owner).toOpaque()
        let chunk = HeapFixtures.chunkBytes(of: address)
        if valueBytes < 100_001 {
            // 16 more where a freed chunk was reused whose rest would be no chunk by itself.
            #expect(chunk == item.footprint || chunk == item.footprint + 16)
        } else {
            // On the heap or in pages of its own, which glibc decides: the footprint is the latter.
            #expect((chunk...chunk + 4096).contains(item.footprint))
        }
        withExtendedLifetime(item) {}
    }
}
