import TestSupport
import Testing

@testable import Wire

@Suite("Multipart bodies")
struct MultipartDecoderTests {
    private static let contentType = "multipart/form-data; boundary=B"

    /// A part as curl writes it.
    private static func part(_ name: String, _ content: String) -> String {
        "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(content)\r\n"
    }

    private func decoded(_ body: String) -> Result<String?, ValueFault> {
        decodedText(body, contentType: Self.contentType)
    }

    @Test(
        "The part val is found and taken as it is",
        arguments: [
            (part("val", "bart") + "--B--\r\n", "bart"), (part("val", "bart") + "--B--", "bart"),
            (part("val", "") + "--B--\r\n", ""),
            (part("a", "1") + part("val", "x") + part("b", "2") + "--B--\r\n", "x"),
            ("preamble\r\n" + part("val", "x") + "--B-- \t\r\nepilogue\r\n--B\r\n", "x"),
            ("\r\n" + part("val", "x") + "--B--", "x"),
            (part("val", "a%20+b\r\n\r\n") + "--B--", "a%20+b\r\n\r\n"),
            (part("val", "\0\r\r\n\n--B") + "--B--", "\0\r\r\n\n--B"),
            (part("val", "\r\n--") + "--B--", "\r\n--"),
            (
                part("val", "\r\n--C\r\n--Bx\r\n--B-\r\n--B--x") + "--B--",
                "\r\n--C\r\n--Bx\r\n--B-\r\n--B--x"
            ),
            ("--B \t\r\nContent-Disposition: form-data; name=val\r\n\r\nx\r\n--B--", "x"),
            ("--B\r\ncontent-disposition:FORM-DATA;NAME=val\r\n\r\nx\r\n--B--", "x"),
            (
                "--B\r\nContent-Disposition: form-data; filename=\"name=a\"; name=\"val\"\r\n"
                    + "Content-Type: text/plain\r\n\r\nx\r\n--B--", "x"
            ),
            ("--B\r\nContent-Disposition: form-data; name=\"v\\al\"\r\n\r\nx\r\n--B--", "x"),
            (
                "--B\r\nContent-Transfer-Encoding: Binary\r\n"
                    + "Content-Disposition: form-data; name=val\r\n\r\nx\r\n--B--", "x"
            ),
            // A body part without content: RFC 2046 has it that the empty line may be missing.
            ("--B\r\nContent-Disposition: form-data; name=val\r\n\r\n--B--", ""),
        ]
    )
    func decodes(body: String, expected: String) {
        #expect(decoded(body) == .success(expected))
    }

    @Test(
        "Without a part val there is no value",
        arguments: [
            "--B--\r\n", "--B--", part("a", "1") + "--B--", part("Val", "1") + "--B--",
            part("val2", "1") + "--B--", part("va", "1") + "--B--", part("%76al", "1") + "--B--",
        ]
    )
    func missing(body: String) {
        #expect(decoded(body) == .success(nil))
    }

    @Test("A second part val is an error")
    func repeated() {
        let body = Self.part("val", "1") + Self.part("val", "1") + "--B--"
        #expect(decoded(body) == .failure(.valueRepeated))
    }

    @Test(
        "A malformed body is an error that says what is wrong",
        arguments: [
            ("", MultipartFault.noBoundaryLine), ("val=bart", .noBoundaryLine),
            ("--C\r\n\r\n--C--", .noBoundaryLine), ("--B", .noBoundaryLine),
            ("--B-", .noBoundaryLine),
            ("--B\n\n--B--\n", .noBoundaryLine), ("x--B\r\n", .noBoundaryLine),
            ("--B\r\n", .noFinalBoundary), (part("val", "x"), .noFinalBoundary),
            (part("val", "x") + "--B", .noFinalBoundary),
            (part("val", "x") + "--B-", .noFinalBoundary),
            (part("val", "x") + "--B--x", .noFinalBoundary),
            (part("val", "x") + "--B\r\n--B--", .noFinalBoundary),
            ("--B\r\n\r\n--B--", .malformedDisposition),
            ("--B\r\n\r\nx\r\n--B--", .malformedDisposition),
            ("--B\r\nX: y\r\n\r\nx\r\n--B--", .malformedDisposition),
            (disposition("attachment; name=val"), .malformedDisposition),
            (disposition("form-data"), .malformedDisposition),
            (disposition("form-data; name="), .malformedDisposition),
            (disposition("form-data; name=\"val"), .malformedDisposition),
            (disposition("form-data; name=val; name=val"), .malformedDisposition),
            (disposition("form-data; filename=val"), .malformedDisposition),
            (disposition("form-data, name=val"), .malformedDisposition),
            (
                disposition("form-data; name=val\r\nContent-Disposition: form-data; name=val"),
                .malformedDisposition
            ),
            (disposition("form-data;\r\n name=val"), .malformedPartHeader),
            (disposition("form-data; name=val\r\nno colon"), .malformedPartHeader),
            (disposition("form-data; name=val\r\n: x"), .malformedPartHeader),
            (disposition("form-data; name=val\r\nX : y"), .malformedPartHeader),
            (disposition("form-data; name=val\nX: y"), .malformedPartHeader),
            (disposition("form-data; name=val\rX: y"), .malformedPartHeader),
            ("--B\r\nContent-Disposition: form-data; name=val\r\n--B--", .malformedPartHeader),
            (disposition("form-data; name=val\r\nContent-Transfer-Encoding: base64"), .encodedPart),
            (disposition("form-data; name=val\r\nContent-Transfer-Encoding:"), .encodedPart),
        ]
    )
    func malformed(body: String, fault: MultipartFault) {
        #expect(decoded(body) == .failure(.malformedMultipart(fault)))
    }

    private static func disposition(_ value: String) -> String {
        "--B\r\nContent-Disposition: \(value)\r\n\r\nx\r\n--B--"
    }

    @Test("A multipart without a boundary is an error")
    func noBoundary() {
        let result = decodedText("--B--", contentType: "multipart/form-data")
        #expect(result == .failure(.malformedMultipart(.noUsableBoundary)))
    }

    @Test("Each cut of a good body is an error, and none traps")
    func cutAnywhere() throws {
        let whole = ValueBody.Form.multipart.body(for: [UInt8]("bart"))
        let epilogue = "\r\nepilogue".utf8.count
        for count in 0..<(whole.bytes.count - epilogue) {
            let cut = ValueBody(contentType: whole.contentType, bytes: Array(whole.bytes[..<count]))
            #expect(throws: ValueFault.self) { try cut.decoded() }
        }
        #expect(try whole.decoded() == [UInt8]("bart"))
    }

    @Test("A hundred thousand near-boundaries are content")
    func nearBoundaries() throws {
        let boundary = String(repeating: "-", count: 69) + "B"
        let nearBoundary = "\r\n--" + String(repeating: "-", count: 69) + "C"
        let content = String(repeating: nearBoundary, count: 100_000)
        let body =
            "--\(boundary)\r\nContent-Disposition: form-data; name=val\r\n\r\n"
            + content + "\r\n--\(boundary)--"
        let decoded = try ValueBody(
            contentType: "multipart/form-data; boundary=\(boundary)",
            bytes: [UInt8](body)
        ).decoded()
        // Not compared within #expect, which would look for the differences for minutes.
        let isSame = decoded == [UInt8](content)
        #expect(isSame)
    }

    @Test("A hundred thousand parts are passed over")
    func manyParts() {
        let body = String(repeating: Self.part("a", ""), count: 100_000)
        #expect(decoded(body + Self.part("val", "x") + "--B--") == .success("x"))
    }
}
