import TestSupport
import Testing

@testable import Wire

@Suite("Form bodies")
struct FormDecoderTests {
    @Test(
        "The field val is found among others and decoded",
        arguments: [
            ("val=bart", "bart"), ("val=", ""), ("val==", "="), ("val=a=b", "a=b"),
            ("a=1&val=x&b=2", "x"), ("&&val=x&", "x"), ("val=x&", "x"), ("val&val=x", "x"),
            ("%76al=x", "x"), ("v%61%6C=x", "x"), ("val=a+b", "a b"), ("val=a%20b%2B", "a b+"),
            ("val=%00%ff%0A", "\0\u{FFFD}\n"), ("val=%3d%26", "=&"), ("val=caf\u{e9}", "café"),
            ("xval=1&val=2&valx=3&Val=4", "2"), ("bad=%&%zz=%4&val=ok", "ok"), ("val=;x", ";x"),
            ("val=12345678%39+", "123456789 "), ("val=a\r\nb", "a\r\nb"),
        ]
    )
    func decodes(body: String, expected: String) {
        #expect(decodedText(body, contentType: nil) == .success(expected))
        let contentType = "application/x-www-form-urlencoded"
        #expect(decodedText(body, contentType: contentType) == .success(expected))
    }

    @Test(
        "No value is an error that says how to send one",
        arguments: [
            "", "val", "&", "&&&&&&&&&&", "a=1", "val&a=1", "=val", "bart", "valx=1", "va=1",
            "VAL=1", "va", "%76a", "+val=1", "val%3Dx", "va%6=1",
        ]
    )
    func missing(body: String) {
        #expect(decodedText(body, contentType: nil) == .success(nil))
    }

    @Test("A second val is an error", arguments: ["val=1&val=2", "val=&val=", "val=1&v%61l=1"])
    func repeated(body: String) {
        #expect(decodedText(body, contentType: nil) == .failure(.valueRepeated))
    }

    @Test(
        "A malformed escape in the value is an error that says where",
        arguments: [
            ("val=%", 4), ("val=%4", 4), ("val=a%zz", 5), ("val=%%41", 4), ("val=%41%4&x=1", 7),
            ("a=1&val=100%", 11), ("val=%%%%%%%%%", 4),
        ]
    )
    func malformed(body: String, offset: Int) {
        #expect(decodedText(body, contentType: nil) == .failure(.malformedForm(offset: offset)))
    }

    @Test("A value without escapes is not copied")
    func verbatim() throws {
        let body = ValueBody(contentType: nil, bytes: [UInt8]("a=%41&val=as-it-is&b=+"))
        let offset = try body.withFound { body, found in
            found?.bytes.baseAddress.map { body.baseAddress?.distance(to: $0) }
        }
        #expect(offset == 10)
    }

    @Test("A million empty fields are passed over")
    func manyFields() {
        let body = String(repeating: "&", count: 1_000_000) + "val=x"
        #expect(decodedText(body, contentType: nil) == .success("x"))
    }
}
