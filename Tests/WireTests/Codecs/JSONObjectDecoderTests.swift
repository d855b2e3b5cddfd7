import Foundation
import TestSupport
import Testing

@testable import Wire

@Suite("JSON bodies")
struct JSONObjectDecoderTests {
    private func decoded(_ body: String) -> Result<String?, ValueFault> {
        decodedText(body, contentType: "application/json")
    }

    @Test(
        "The string field val is found and decoded",
        arguments: [
            (#"{"val":"bart"}"#, "bart"), (#"{"val":""}"#, ""),
            (" \t\r\n{ \"val\" : \"x\" } \n", "x"), ("\u{FEFF}{\"val\":\"x\"}", "x"),
            (#"{"\u0076\u0061\u006C":"x"}"#, "x"),
            (
                #"{"val":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}"#,
                "a\"\\/\u{8}\u{C}\n\r\té😀"
            ),
            (#"{"val":"\u0000"}"#, "\0"), (#"{"val":"{\"val\":1}"}"#, #"{"val":1}"#),
            (#"{"a":{"val":1,"b":[{"val":"no"}]},"val":"yes","c":[]}"#, "yes"),
            (
                #"{"a":[1,-0,0.5,-12.25e+10,1E-2,2e3,true,false,null,"s",{},[],[[]]],"val":"x"}"#,
                "x"
            ),
            (#"{"Val":"no","va":"no","vall":"no","":"no","val":"x"}"#, "x"),
            (#"{"a":1,"a":2,"val":"x"}"#, "x"),
        ]
    )
    func decodes(body: String, expected: String) {
        #expect(decoded(body) == .success(expected))
    }

    @Test(
        "Without a field val there is no value",
        arguments: ["{}", #"{"a":"x"}"#, #"{"a":{"val":"x"}}"#]
    )
    func missing(body: String) {
        #expect(decoded(body) == .success(nil))
    }

    @Test(
        "A second val is an error",
        arguments: [#"{"val":"1","val":"1"}"#, #"{"val":"1","v\u0061l":2}"#]
    )
    func repeated(body: String) {
        #expect(decoded(body) == .failure(.valueRepeated))
    }

    @Test(
        "A val that is not a string is an error",
        arguments: ["1", "null", "true", "{}", #"["x"]"#, #"{"val":"x"}"#, "-", "}"]
    )
    func notString(value: String) {
        #expect(decoded(#"{"val":\#(value)}"#) == .failure(.jsonValueIsNotString))
    }

    @Test(
        "Malformed JSON is an error that says what is wrong and where",
        arguments: [
            ("", JSONFault.unexpectedEnd, 0), ("  ", .unexpectedEnd, 2),
            ("[]", .notAnObject, 0), (#""val""#, .notAnObject, 0), ("val=x", .notAnObject, 0),
            ("\u{FEFF}\u{FEFF}{}", .notAnObject, 3), ("{", .unexpectedEnd, 1),
            (#"{"val""#, .unexpectedEnd, 6), (#"{"val":"#, .unexpectedEnd, 7),
            (#"{"val":"x"#, .unexpectedEnd, 9), (#"{"val":"x""#, .unexpectedEnd, 10),
            (#"{"val":"x",}"#, .unexpectedByte, 11), (#"{,"val":"x"}"#, .unexpectedByte, 1),
            (#"{"a":1 "val":"x"}"#, .unexpectedByte, 7), (#"{"val":"x"]"#, .unexpectedByte, 10),
            (#"{"a":[1}"#, .unexpectedByte, 7), (#"{"a":[1,]}"#, .unexpectedByte, 8),
            (#"{"a":[,1]}"#, .unexpectedByte, 6), (#"{"a":[1 2]}"#, .unexpectedByte, 8),
            (#"{val:"x"}"#, .unexpectedByte, 1), (#"{'val':"x"}"#, .unexpectedByte, 1),
            (#"{"val" "x"}"#, .unexpectedByte, 7), (#"{"a":}"#, .unexpectedByte, 5),
            (#"{"a":tru}"#, .unexpectedByte, 8), (#"{"a":truee}"#, .unexpectedByte, 9),
            (#"{"a":nul"#, .unexpectedEnd, 8), (#"{"a":NaN}"#, .unexpectedByte, 5),
            (#"{"a":01}"#, .unexpectedByte, 6), (#"{"a":+1}"#, .unexpectedByte, 5),
            (#"{"a":.5}"#, .unexpectedByte, 5), (#"{"a":-}"#, .badNumber, 6),
            (#"{"a":1.}"#, .badNumber, 7), (#"{"a":1e}"#, .badNumber, 7),
            (#"{"a":1e+}"#, .badNumber, 8), (#"{"a":-"#, .unexpectedEnd, 6),
            (#"{"val":"x"}x"#, .trailingBytes, 11), (#"{"val":"x"}{}"#, .trailingBytes, 11),
            (#"{"val":"\x"}"#, .badEscape, 8), (#"{"val":"\ud800"}"#, .loneSurrogate, 8),
            ("{\"val\":\"a\nb\"}", .rawControl, 9), ("{\"a\tb\":1}", .rawControl, 3),
            (#"{"a":"\u12"}"#, .badEscape, 6), ("{\u{A0}}", .unexpectedByte, 1),
            ("{/**/}", .unexpectedByte, 1),
        ]
    )
    func malformed(body: String, fault: JSONFault, offset: Int) {
        #expect(decoded(body) == .failure(.malformedJSON(fault, offset: offset)))
    }

    @Test("Bytes that are not UTF-8 are an error, in any string")
    func badUTF8() {
        for (head, offset) in [(#"{"val":"a"#, 9), (#"{"a":"#, 6), (#"{"#, 2)] {
            let quote = head.hasSuffix("a") ? "" : "\""
            let body = ValueBody(
                contentType: "application/json",
                bytes: [UInt8](head + quote) + [0xC3] + [UInt8]("\"}")
            )
            #expect(throws: ValueFault.malformedJSON(.badUTF8, offset: offset)) {
                try body.decoded()
            }
        }
    }

    @Test("Nesting is allowed up to 512 deep, of objects and arrays in any mixture")
    func nesting() {
        for opening in ["[", #"{"a":"#, #"[{"a":"#] {
            let closing = String(opening.compactMap { ["[": "]", "{": "}"][$0] }.reversed())
            let levels = closing.count
            for (depth, isAllowed) in [(510, true), (511, levels == 1), (512, false)] {
                let count = depth / levels + (depth % levels == 0 ? 0 : 1)
                let nested =
                    String(repeating: opening, count: count) + "1"
                    + String(repeating: closing, count: count)
                let body = #"{"a":\#(nested),"val":"x"}"#
                switch decoded(body) {
                case .success(let value): #expect(isAllowed && value == "x")
                case .failure(.malformedJSON(.nestedTooDeeply, _)): #expect(!isAllowed)
                case .failure(let error): Issue.record(error)
                }
            }
        }
    }

    @Test("A million brackets end at the limit, not on the stack")
    func manyBrackets() {
        let body = #"{"a":"# + String(repeating: "[", count: 1_000_000)
        #expect(decoded(body) == .failure(.malformedJSON(.nestedTooDeeply, offset: 516)))
    }

    @Test("A string without escapes is not copied")
    func verbatim() throws {
        let body = ValueBody(contentType: "application/json", bytes: [UInt8](#"{"val":"é"}"#))
        let offset = try body.withFound { body, found in
            found?.bytes.baseAddress.map { body.baseAddress?.distance(to: $0) }
        }
        #expect(offset == 8)
    }

    @Test("Random mutations are taken only where Foundation takes them too")
    func agreesWithFoundation() throws {
        var generator = SeededGenerator(seed: 6)
        let document = [UInt8](
            #"{"a":[1,-2.5e3,true,null,{"b":""}],"val":"x\u00e9\n","c":{"d":[[],{}]}}"#
        )
        let alphabet = [UInt8](#"{}[]",:\ue0123.-+trfnals "#)
        var acceptedCount = 0
        for _ in 0..<20_000 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes.remove(at: index)
                case 1: bytes[index] = generator.bytes(1, of: alphabet)[0]
                default: bytes.insert(generator.bytes(1, of: alphabet)[0], at: index)
                }
            }
            let body = ValueBody(contentType: "application/json", bytes: bytes)
            if let value = try? body.decoded() {
                acceptedCount += 1
                let read = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
                let text = try #require(read?["val"] as? String)
                #expect([UInt8](text) == value)
            }
        }
        #expect(acceptedCount > 1_000)
    }
}
