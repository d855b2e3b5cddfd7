import Foundation
import TestSupport
import Testing

@testable import Wire

@Suite("Base64")
struct Base64Tests {
    private func encoded(_ raw: [UInt8]) -> String {
        let bytes = withExactBytes(raw) { raw in
            writtenBytes(capacity: Base64.encodedCount(of: raw.count)) {
                Base64.encode(raw, into: $0)
            }
        }
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    private func decoded(_ text: String) -> [UInt8]? {
        withExactBytes([UInt8](text)) { encoded in
            guard let count = Base64.decodedCount(of: encoded) else { return nil }
            return writtenBytes(capacity: count) { Base64.decode(encoded, into: $0) }
        }
    }

    @Test(
        "The test vectors of RFC 4648 §10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(raw: String, text: String) {
        #expect(encoded([UInt8](raw)) == text)
        #expect(decoded(text) == [UInt8](raw))
    }

    @Test("Any bytes are encoded as Foundation does it, and come back")
    func roundTrip() {
        var generator = SeededGenerator(seed: 4)
        for count in 0..<600 {
            let raw = generator.bytes(count)
            let text = encoded(raw)
            #expect(text == Data(raw).base64EncodedString())
            #expect(decoded(text) == raw)
        }
    }

    @Test(
        "What is not canonical base64 is refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zg==Zg==", "Zm=v", "Zh==", "Zm9=",
            "Zm9v\n", "Zm 9", "Zm9-", "Zm9_", "Zm9\u{80}", "Zg=A",
        ]
    )
    func refuses(text: String) {
        #expect(decoded(text) == nil)
    }
}
