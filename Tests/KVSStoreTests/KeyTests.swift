import Testing

@testable import KVSStore

@Suite("Key")
struct KeyTests {
    @Test(
        "1 to 250 bytes of letters, digits and underscore are a key",
        arguments: [
            "a", "Z", "0", "_", "foo", "Foo_Bar_42", "__", String(repeating: "x", count: 249),
            String(repeating: "9", count: 250),
        ]
    )
    func legal(_ text: String) throws {
        let key = try Array(text.utf8).withUnsafeBytes { try Key($0) }
        #expect(key.text == text)
        #expect(key.count == text.utf8.count)
    }

    @Test(
        "Anything else is refused, and the error says which rule was broken",
        arguments: [
            ("", Key.Invalid.empty),
            (String(repeating: "x", count: 251), .tooLong(251)),
            (String(repeating: "/", count: 300), .tooLong(300)),
            (" ", .illegalByte(0x20, at: 0)),
            ("a/b", .illegalByte(0x2F, at: 1)),
            ("key-name", .illegalByte(0x2D, at: 3)),
            ("a.b.c", .illegalByte(0x2E, at: 1)),
            ("naïve", .illegalByte(0xC3, at: 2)),
            ("tail\0", .illegalByte(0x00, at: 4)),
            (String(repeating: "x", count: 249) + "%", .illegalByte(0x25, at: 249)),
        ]
    )
    func illegal(_ text: String, _ error: Key.Invalid) {
        #expect(throws: error) { try Array(text.utf8).withUnsafeBytes { try Key($0) } }
    }

    @Test("Of the 256 bytes, exactly the 63 of [A-Za-z0-9_] are legal, at any place")
    func everyByte() {
        let legal = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_".utf8)
        #expect(legal.count == 63)
        for byte in UInt8.min...UInt8.max {
            for place in [0, 1, 124, 249] {
                var bytes = [UInt8](repeating: UInt8(ascii: "k"), count: 250)
                bytes[place] = byte
                let result = bytes.withUnsafeBytes { bytes in
                    Result { () throws(Key.Invalid) in try Key(bytes) }
                }
                switch result {
                case .success(let key):
                    #expect(legal.contains(byte), "\(byte) was accepted")
                    #expect(key.withUnsafeBytes { Array($0) } == bytes)
                case .failure(let error):
                    #expect(error == .illegalByte(byte, at: place))
                    #expect(!legal.contains(byte), "\(byte) was refused")
                }
            }
        }
    }

    @Test("Equal keys have equal hashes; case, length and every byte make a difference")
    func hashes() {
        #expect(Key("foo").hash == Key("foo").hash)
        let base = String(repeating: "a", count: 100)
        var others = [base + "a", String(base.dropLast()), base.uppercased()]
        for place in 0..<100 {
            var bytes = Array(base.utf8)
            bytes[place] = UInt8(ascii: "b")
            others.append(String(decoding: bytes, as: UTF8.self))
        }
        #expect(Set((others + [base]).map { Key($0).hash }).count == others.count + 1)
    }

    @Test("A key's hash is that of its bytes")
    func hashOfBytes() {
        let key = Key("some_key_1")
        #expect(key.withUnsafeBytes { Key.hash(of: $0) } == key.hash)
    }

    @Test("A key lies inline: it owns no heap memory")
    func isInline() {
        func isBitwiseCopyable<T: BitwiseCopyable>(_: T.Type) -> Bool { true }
        #expect(isBitwiseCopyable(Key.self))
        #expect(MemoryLayout<Key>.stride == 264)
    }
}
