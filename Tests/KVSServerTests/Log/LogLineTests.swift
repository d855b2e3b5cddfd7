import Foundation
import Glibc
import Testing

@testable import KVSServer

@Suite("Lines of the log")
struct LogLineTests {
    private static func line(
        _ format: LogFormat,
        _ message: String,
        _ fields: [(StaticString, String)]
    ) -> String {
        var line = LogLine(format: format)
        line.begin(at: "T".utf8, level: "info", message: message)
        for (name, value) in fields { line.add(name, value) }
        line.add("n", number: -5)
        line.end()
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test(
        "As text, a value is quoted where it would not be one word",
        arguments: [
            ("plain/1.2:[x]", "plain/1.2:[x]"), ("", "\"\""), ("a b", "\"a b\""),
            ("a=b", "\"a=b\""), ("a\"b", #""a\"b""#), (#"a\b"#, #""a\\b""#),
            ("a\nb\u{7F}", #""a\u000Ab\u007F""#), ("\u{E4}", "\"\u{E4}\""),
        ]
    )
    func text(value: String, written: String) {
        #expect(Self.line(.text, "done", [("v", value)]) == "T info kvs: done v=\(written) n=-5\n")
    }

    @Test("A message stays in its line")
    func message() {
        #expect(Self.line(.text, "a\nb\u{0}c", []) == "T info kvs: a b c n=-5\n")
    }

    @Test("As JSON, whatever stands in a value comes back from a parser")
    func json() throws {
        let values = ["", "a b", "\"\\/\u{8}\u{1F}\n\t\u{7F}", "\u{E4}\u{1F600}", "</x>"]
        for value in values {
            let line = Self.line(.json, value, [("v", value)])
            #expect(line.hasSuffix("}\n") && line.filter { $0 == "\n" }.count == 1)
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["message"] as? String == value && object?["v"] as? String == value)
            #expect(object?["n"] as? Int == -5 && object?["time"] as? String == "T")
        }
    }

    @Test(
        "A time is written to the millisecond, in UTC",
        arguments: [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (784_111_777, 5_999_999, "1994-11-06T08:49:37.005Z"),
            (951_782_400, 999_999_999, "2000-02-29T00:00:00.999Z"),
        ]
    )
    func time(second: Int, nanosecond: Int, expected: String) {
        var time = LogTime()
        _ = time.text(at: timespec(tv_sec: second - 1, tv_nsec: 1))
        let now = timespec(tv_sec: second, tv_nsec: nanosecond)
        for _ in 0..<2 { #expect(time.text(at: now) == Array(expected.utf8)) }
    }
}
