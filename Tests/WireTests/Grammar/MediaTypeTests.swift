import TestSupport
import Testing

@testable import Wire

@Suite("Content-Type")
struct MediaTypeTests {
    private func parsed(_ header: String) -> MediaType {
        withExactBytes([UInt8](header)) { MediaType($0) }
    }

    private func multipart(_ boundary: String) -> MediaType {
        .multipart(boundary: [UInt8](boundary))
    }

    @Test(
        "Type and subtype decide, in any case, whatever their parameters",
        arguments: [
            ("application/x-www-form-urlencoded", MediaType.form),
            ("APPLICATION/X-WWW-Form-URLEncoded", .form),
            (" application/x-www-form-urlencoded\t", .form),
            ("application/x-www-form-urlencoded; charset=UTF-8", .form),
            ("application/x-www-form-urlencoded;charset", .form),
            ("application/x-www-form-urlencoded ;", .form),
            ("", .form), (" \t", .form),
            ("application/json", .json), ("Application/Json ; charset=\"utf-8\"", .json),
            ("application/ld+json", .other), ("application/jsonp", .other), ("text/json", .other),
            ("application/octet-stream", .other), ("text/plain; charset=utf-8", .other),
            ("multipart/mixed; boundary=x", .other),
        ]
    )
    func essence(header: String, expected: MediaType) {
        #expect(parsed(header) == expected)
    }

    @Test(
        "What is no media type is an unknown one",
        arguments: [
            "application", "application/", "/json", "application /json", "application/ json",
            "application/json, text/plain", "application/json/x", "json", ";", "application/jsön",
            "application/json\0",
        ]
    )
    func malformed(header: String) {
        #expect(parsed(header) == .other)
    }

    @Test(
        "A boundary is a token or a quoted string, among other parameters",
        arguments: [
            ("multipart/form-data; boundary=abc", "abc"),
            ("Multipart/Form-Data;BOUNDARY=aBc", "aBc"),
            ("multipart/form-data; charset=utf-8; boundary=abc; x=\"y;z\"", "abc"),
            (#"multipart/form-data; boundary="a b:c""#, "a b:c"),
            (#"multipart/form-data; boundary="a\bc\"\\""#, #"abc"\"#),
            ("multipart/form-data ;; boundary=abc ; ", "abc"),
            ("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", nil),
            ("multipart/form-data; boundary=" + String(repeating: "x", count: 70), nil),
        ]
    )
    func boundary(header: String, expected: String?) {
        let tail = header.split(separator: "=").last.map { String($0) } ?? ""
        #expect(parsed(header) == multipart(expected ?? tail))
    }

    @Test(
        "A multipart without one usable boundary says so",
        arguments: [
            "multipart/form-data", "multipart/form-data;", "multipart/form-data; boundary",
            "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=\"abc", "multipart/form-data; boundary=\"abc\\",
            "multipart/form-data; boundary=\"abc \"", "multipart/form-data; boundary=\"a\tb\"",
            "multipart/form-data; boundary=\"é\"", "multipart/form-data; boundary = abc",
            "multipart/form-data; boundary=a; boundary=b", "multipart/form-data boundary=abc",
            "multipart/form-data; boundary=a b", "multipart/form-data; boundary=\"a\"b",
            "multipart/form-data; xboundary=a", "multipart/form-data; boundary=a; =",
            "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
        ]
    )
    func unusableBoundary(header: String) {
        #expect(parsed(header) == .multipart(boundary: nil))
    }

    @Test("Random headers never trap")
    func randomHeaders() {
        var generator = SeededGenerator(seed: 5)
        let alphabet = [UInt8](#"ab/;="\ =;""#)
        for _ in 0..<20_000 {
            let tail = generator.bytes(Int.random(in: 0...16, using: &generator), of: alphabet)
            let header = [UInt8]("multipart/form-data; boundary") + tail
            let type = withExactBytes(header) { MediaType($0) }
            if case .multipart(let boundary?) = type { #expect(1...70 ~= boundary.count) }
        }
    }
}
