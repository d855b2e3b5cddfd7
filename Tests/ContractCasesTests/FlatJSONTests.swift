import Testing

@testable import ContractCases

@Suite("FlatJSON")
struct FlatJSONTests {
    private static func read(_ text: String) -> FlatJSON? { FlatJSON(Array(text.utf8)) }

    @Test("Arrays of texts are read, and of nothing else")
    func arrays() {
        let fields = Self.read(#"{"a": [ "x" ,"\u0079"], "b":[]}"#)?.fields
        #expect(fields == ["a": .texts(["x", "y"]), "b": .texts([])])
        for text in ["[1]", "[\"a\",]", "[,]", "[\"a\"", "[[]]", "[\"a\" \"b\"]", "[{}]"] {
            #expect(Self.read("{\"a\":\(text)}") == nil)
        }
    }

    @Test("An object of texts, numbers and literals is read, in any form")
    func objects() {
        let fields = Self.read(
            " {\"a\" : \"\\u0041\\n\\ud83d\\ude00é\",\r\n\t\"b\":-1.5e3,\"c\":null} "
        )?.fields
        #expect(fields == ["a": .text("A\n😀é"), "b": .number("-1.5e3"), "c": .literal("null")])
        #expect(Self.read("{}")?.fields == [:])
        #expect(Self.read(#"{"a":"\"\\\/\b\f\r\t"}"#)?.fields["a"] == .text("\"\\/\u{8}\u{c}\r\t"))
    }

    @Test("The order of fields and the form of a text mean nothing")
    func equality() {
        #expect(Self.read(#"{"a":"x","b":1}"#) == Self.read(#"{ "b": 1, "a": "\u0078" }"#))
        #expect(Self.read(#"{"a":"x"}"#) != Self.read(#"{"a":"X"}"#))
        #expect(Self.read(#"{"a":1}"#) != Self.read(#"{"a":"1"}"#))
    }

    @Test(
        "Anything else is not",
        arguments: [
            "", "{", "[]", "\"a\"", "{\"a\":1", "{\"a\":1,}", "{\"a\":1}x", "{a:1}", "{\"a\"}",
            "{\"a\":}", "{\"a\":\"\n\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
            "{\"a\":\"\\ud800\"}",
            "{\"a\":1,\"a\":1}", "{\"a\":{}}", "{\"a\":tru}", "{\"a\":\"\\u+123\"}", "{'a':1}",
        ]
    )
    func others(text: String) { #expect(Self.read(text) == nil) }

    @Test("Bytes that are not UTF-8 are not")
    func bytes() { #expect(FlatJSON([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]) == nil) }
}
