import Testing

@testable import Wire

@Suite("ChunkedDecoder")
struct ChunkedDecoderTests {
    /// Decodes `text` in pieces of at most `step` bytes.
    static func decode(
        _ text: String,
        step: Int = .max
    ) throws(Refusal) -> (body: String, consumed: Int, isComplete: Bool) {
        var decoder = ChunkedDecoder(bodyBytes: 1000)
        var body: [UInt8] = []
        var consumed = 0
        let bytes = Array(text.utf8)
        while consumed < bytes.count {
            let piece = bytes[consumed..<min(bytes.count, consumed + min(step, bytes.count))]
            let result = try Array(piece).span.bytes.withUnsafeBytes { buffer throws(Refusal) in
                try decoder.decode(buffer) { body += $0 }
            }
            consumed += result.consumed
            if result.isComplete { return (String(decoding: body, as: UTF8.self), consumed, true) }
        }
        return (String(decoding: body, as: UTF8.self), consumed, false)
    }

    static let whole: [(String, String)] = [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("00000005\r\nhello\r\n000\r\n\r\n", "hello"),
        ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
        ("5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n", "hello"),
        ("5 ;\ta = b ; c\t=\t\"d;\\\"\\\\e\";f\r\nhello\r\n0;a=\"\"\r\n\r\n", "hello"),
        ("5\r\nhello\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n", "hello"),
    ]

    @Test("The data comes out, however the bytes are cut", arguments: whole, [1, 2, 3, .max])
    func decodes(example: (text: String, body: String), step: Int) throws {
        let result = try Self.decode(example.text, step: step)
        #expect(result.body == example.body)
        #expect(result.isComplete)
        #expect(result.consumed == example.text.utf8.count)
    }

    @Test("Bytes behind the end are left for the next request")
    func leavesRest() throws {
        let result = try Self.decode("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1")
        #expect(result.consumed == 11)
        #expect(result.isComplete)
    }

    @Test("A body that stops early is not complete")
    func incomplete() throws {
        let text = "5\r\nhello\r\n0\r\n\r\n"
        for count in 0..<text.utf8.count {
            let start = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            #expect(try !Self.decode(start).isComplete)
        }
    }

    @Test(
        "What is refused",
        arguments: [
            "\r\n", "g\r\n", "-1\r\n", "+1\r\n", " 1\r\n", "0x1\r\n", "1 \r\n", "1\nx",
            "5 junk\r\n", "123456789\r\n", "1\r\nxy", "1\r\nx\n", "1\r\nx\r1", "1;a\nb",
            "0\r\nX\r\n", "0\r\n X: 1\r\n", "0\r\n: 1\r\n", "0\r\nX: a\nb", "0\r\nX: 1\r\r",
            "0\r\n\rx",
            // Extensions.
            "1;\r\n", "1; \r\n", "1 ;\r\n", "1;;a\r\n", "1;a;\r\n", "1;a;;b\r\n", "0;\r\n",
            "1;=b\r\n", "1;a=\r\n", "1;a= \r\n", "1;a=;b\r\n", "1;a==b\r\n", "1;a b\r\n",
            "1;a=b c\r\n", "1;a \r\n", "1;a=b \r\n", "1;a/b\r\n", "1;a=b/c\r\n", "1;\"a\"\r\n",
            "1;a=\"b\r\n", "1;a=\"b\\\"\r\n", "1;a=\"b\"c\r\n", "1;a=\"b\" \r\n", "1;a=\"\\\r\n",
            "1;a=b\"c\"\r\n", "1;a=\"\u{1}\"\r\n", "1;a=\"\\\u{7F}\"\r\n",
        ],
        [1, .max]
    )
    func refuses(text: String, step: Int) {
        #expect(throws: Refusal.self) { try Self.decode(text, step: step) }
    }

    @Test("A size line has 256 bytes at most, its CRLF not counted")
    func sizeLineLimit() throws {
        func body(lineBytes: Int) -> String {
            "1;" + String(repeating: "x", count: lineBytes - 2) + "\r\na\r\n0\r\n\r\n"
        }
        for (lineBytes, isTaken) in [(255, true), (256, true), (257, false), (258, false)] {
            var decoder = ChunkedDecoder(bodyBytes: 10)
            let bytes = Array(body(lineBytes: lineBytes).utf8)
            let result = try? bytes.withUnsafeBytes { try decoder.decode($0) { _ in } }
            #expect((result?.isComplete == true) == isTaken, "\(lineBytes)")
        }
    }

    @Test("A body over the limit is refused when it is announced")
    func bodyLimit() throws {
        let data = String(repeating: "x", count: 500)
        let fits = "1F4\r\n\(data)\r\n1F4\r\n\(data)\r\n0\r\n\r\n"
        #expect(try Self.decode(fits).isComplete)
        #expect(throws: Refusal.bodyTooLarge) { try Self.decode("1F4\r\n\(data)\r\n1F5\r\n") }
    }

    @Test("A size line without end, and trailers without end, are refused")
    func bounds() {
        #expect(throws: Refusal.malformedChunk) {
            try Self.decode("1;" + String(repeating: "a", count: 300))
        }
        #expect(throws: Refusal.headTooLarge) {
            try Self.decode("0\r\n" + String(repeating: "X: y\r\n", count: 3000))
        }
    }
}
