import TestSupport
import Testing

@testable import KVSServer
@testable import Wire

@Suite("Values in bodies")
struct ValueDecoderTests {
    @Test(
        "The Content-Type says how a body is read",
        arguments: [
            ("val=x", nil, "x"), ("val=x", "", "x"),
            ("val=x", "application/x-www-form-urlencoded; charset=utf-8", "x"),
            ("val=x", "text/plain", "val=x"), ("val=x", "application/octet-stream", "val=x"),
            ("val=x", "not a type", "val=x"), (#"{"val":"x"}"#, "application/json", "x"),
            (#"{"val":"x"}"#, "application/ld+json", #"{"val":"x"}"#),
            ("", "application/octet-stream", ""), ("", "nonsense", ""),
            ("--B--", "multipart/mixed; boundary=B", "--B--"),
        ] as [(String, String?, String)]
    )
    func contentTypes(body: String, contentType: String?, expected: String) {
        #expect(decodedText(body, contentType: contentType) == .success(expected))
    }

    @Test("An empty form has no value", arguments: [nil, "application/x-www-form-urlencoded"])
    func emptyForm(contentType: String?) {
        #expect(decodedText("", contentType: contentType) == .failure(.valueMissing))
    }

    @Test(
        "Sizes up to the limit come through exactly, and one byte more is too large",
        arguments: ValueBody.Form.allCases
    )
    func sizes(form: ValueBody.Form) throws {
        let limit = 1_572_864
        let pattern = [UInt8]("ab \"\\\n%+&=é😀--\r\n{}0")
        func value(_ count: Int) -> [UInt8] {
            // Cut at a whole character, so that JSON can carry it.
            var value = [UInt8]()
            value.reserveCapacity(count)
            while value.count + pattern.count <= count { value += pattern }
            return value + [UInt8](repeating: 0x78, count: count - value.count)
        }
        let counts = [
            0, 1, 4_095, 4_096, 4_097, 16_383, 16_384, 16_385, 65_536, limit - 1, limit,
        ]
        for count in counts {
            let value = value(count)
            let decoded = try form.body(for: value).decoded()
            // Not compared within #expect, which would look for the differences for minutes.
            let isSame = decoded == value
            #expect(isSame, "\(count) bytes")
        }
        #expect(throws: APIError.valueTooLarge) { try form.body(for: value(limit + 1)).decoded() }
    }

    @Test("The limit is the caller's, and counts decoded bytes", arguments: ValueBody.Form.allCases)
    func limit(form: ValueBody.Form) throws {
        let body = form.body(for: [UInt8]("+\n%"))
        #expect(try body.decoded(maxBytes: 3) == [UInt8]("+\n%"))
        #expect(throws: APIError.valueTooLarge) { try body.decoded(maxBytes: 2) }
    }

    @Test("Any bytes come out of each form as they went in", arguments: ValueBody.Form.allCases)
    func roundTrip(form: ValueBody.Form) throws {
        var generator = SeededGenerator(seed: 7)
        let special = [UInt8]("%+&=\"\\\r\n-{}u0 \0é")
        for _ in 0..<1_500 {
            let count = Int.random(in: 0...80, using: &generator)
            let values = [
                generator.bytes(count), generator.bytes(count, of: special),
                [UInt8](generator.text(count)),
            ]
            for value in values where form.takes(value) {
                let decoded = try form.body(for: value).decoded()
                #expect(decoded == value)
            }
        }
    }

    @Test(
        "A mutated body gives a value or an error, never a crash",
        arguments: ValueBody.Form.allCases
    )
    func mutations(form: ValueBody.Form) {
        var generator = SeededGenerator(seed: 8)
        let original = form.body(for: [UInt8]("a b\"\\\r\n--frontier-7d9 %41+&é😀"))
        let alphabet = [UInt8]("%+&=\"\\\r\n-{}[]:,u0vl \0") + [0xC3, 0xFF]
        var outcomes: Set<String> = []
        for _ in 0..<6_000 {
            var body = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !body.bytes.isEmpty {
                let index = Int.random(in: 0..<body.bytes.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: body.bytes.remove(at: index)
                case 1: body.bytes[index] = generator.bytes(1, of: alphabet)[0]
                case 2: body.bytes.insert(generator.bytes(1, of: alphabet)[0], at: index)
                case 3: body.bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                default: body.bytes.removeLast(body.bytes.count - index)
                }
            }
            do throws(APIError) {
                let value = try body.decoded()
                #expect(value.count <= body.bytes.count)
                outcomes.insert("value")
            } catch {
                #expect(error.status == .badRequest)
                outcomes.insert(error.message)
            }
        }
        #expect(outcomes.contains("value"))
        #expect(form == .raw || outcomes.count > 2)
    }
}
