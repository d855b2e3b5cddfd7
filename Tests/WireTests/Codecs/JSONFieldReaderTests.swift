import Testing

@testable import Wire

@Suite("JSON objects, field by field")
struct JSONFieldReaderTests {
    /// What an object says, each field as `name=value`: `s` is read as a string, `n` as a number, `l` as a list.
    private func fields(_ text: String) throws(JSONFieldReader.Malformed) -> [String] {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { bytes throws(JSONFieldReader.Malformed) in
            var reader = JSONFieldReader(UnsafeRawBufferPointer(bytes))
            var found: [String] = []
            while let name = try reader.nextName() {
                let name = String(decoding: name.decoded(), as: UTF8.self)
                switch name.first {
                case "n": found.append("\(name)=\(try reader.wholeNumber())")
                case "l":
                    var list: [String] = []
                    try reader.strings {
                        list.append(String(decoding: $0.decoded(), as: UTF8.self))
                    }
                    found.append("\(name)=\(list.joined(separator: ","))")
                default:
                    let value = try reader.string().decoded()
                    found.append("\(name)=\(String(decoding: value, as: UTF8.self))")
                }
            }
            return found
        }
    }

    @Test(
        "Each field is read, in order",
        arguments: [
            ("{}", []), (" \t\r\n{ } \n", []), (#"{"s":""}"#, ["s="]),
            (#"{"s":"a\"\\\/\n\u00e9\ud83d\ude00é"}"#, ["s=a\"\\/\né😀é"]),
            (#"{"\u0073":"x","s2":"y"}"#, ["s=x", "s2=y"]),
            (#"{"n":0,"n2":999999999999999999}"#, ["n=0", "n2=999999999999999999"]),
            (#"{"l":[],"l2":[ "a" , "b"],"l3":["\u0063"] }"#, ["l=", "l2=a,b", "l3=c"]),
            (#" { "s" : "x" , "n" : 1 , "l" : [ ] } "#, ["s=x", "n=1", "l="]),
        ]
    )
    func reads(text: String, expected: [String]) throws {
        #expect(try fields(text) == expected)
    }

    @Test(
        "What is no such object is a fault, with its place",
        arguments: [
            ("", .unexpectedEnd, 0), ("[]", .notAnObject, 0), ("{", .unexpectedEnd, 1),
            (#"{"s""#, .unexpectedEnd, 4), (#"{"s":"#, .unexpectedEnd, 5),
            (#"{"s":"x""#, .unexpectedEnd, 8), (#"{"s":"x"#, .unexpectedEnd, 7),
            (#"{"s":"x",}"#, .unexpectedByte, 9), (#"{"s" "x"}"#, .unexpectedByte, 5),
            (#"{"s":"x" "t":"y"}"#, .unexpectedByte, 9), (#"{s:"x"}"#, .unexpectedByte, 1),
            (#"{"s":1}"#, .unexpectedByte, 5), (#"{"s":null}"#, .unexpectedByte, 5),
            (#"{"s":"x"}x"#, .trailingBytes, 9), (#"{}{}"#, .trailingBytes, 2),
            (#"{"n":"1"}"#, .badNumber, 5), (#"{"n":-1}"#, .badNumber, 5),
            (#"{"n":01}"#, .badNumber, 5), (#"{"n":1.5}"#, .unexpectedByte, 6),
            (#"{"n":1000000000000000000}"#, .badNumber, 5), (#"{"n":}"#, .badNumber, 5),
            (#"{"l":"x"}"#, .unexpectedByte, 5), (#"{"l":["a",]}"#, .unexpectedByte, 10),
            (#"{"l":["a" "b"]}"#, .unexpectedByte, 10), (#"{"l":["a""#, .unexpectedEnd, 9),
            (#"{"s":"\x"}"#, .badEscape, 6), (#"{"s":"\ud800"}"#, .loneSurrogate, 6),
            ("{\"s\":\"\n\"}", .rawControl, 6),
        ] as [(String, JSONFault, Int)]
    )
    func faults(text: String, fault: JSONFault, offset: Int) {
        #expect(throws: JSONFieldReader.Malformed(fault: fault, offset: offset)) {
            try fields(text)
        }
    }

    @Test("A string that is not UTF-8 is a fault")
    func badUTF8() {
        let bytes = Array(#"{"s":""#.utf8) + [0xFF] + Array("\"}".utf8)
        bytes.withUnsafeBytes { bytes in
            var reader = JSONFieldReader(bytes)
            _ = try? reader.nextName()
            #expect(throws: JSONFieldReader.Malformed(fault: .badUTF8, offset: 6)) {
                try reader.string()
            }
        }
    }
}
