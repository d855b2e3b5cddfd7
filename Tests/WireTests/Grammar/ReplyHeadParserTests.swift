import TestSupport
import Testing

@testable import Wire

@Suite("ReplyHeadParser")
struct ReplyHeadParserTests {
    /// What the parser makes of the beginnings of `text` that end at `cuts`, and then of all of it.
    ///
    /// - Returns: What the head says, in words; `incomplete`; or `malformed`.
    static func parse(_ text: String, toHead: Bool = false, cuts: [Int] = []) -> String {
        let bytes = Array(text.utf8)
        var parser = ReplyHeadParser(isReplyToHead: toHead)
        do {
            for end in cuts + [bytes.count] {
                let result = try withExactBytes(Array(bytes[..<end])) { try parser.parse($0) }
                if let end = result { return describe(parser.head, end: end, in: bytes) }
            }
            return "incomplete"
        } catch {
            return "malformed"
        }
    }

    private static func describe(_ head: ReplyHead, end: Int, in bytes: [UInt8]) -> String {
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        var words = ["\(head.status)", text(head.reason).debugDescription, "\(head.framing)"]
        if let length = head.announcedLength { words.append("announces \(length)") }
        if head.closesConnection { words.append("closes") }
        if let seconds = head.keepsForSeconds { words.append("keeps \(seconds)") }
        if head.isOfKVS { words.append("kvs") }
        if !head.date.isEmpty { words.append("date \(text(head.date))") }
        words.append(text(head.fields).debugDescription)
        return words.joined(separator: ", ") + ", \(bytes.count - end) left"
    }

    /// A head with that status line and these fields.
    static func head(_ line: String = "HTTP/1.1 200 OK", _ fields: String...) -> String {
        ([line] + fields + ["", ""]).joined(separator: "\r\n")
    }

    // MARK: - The status line and the bounds

    @Test("A whole head says where everything stands, and leaves the body alone")
    func whole() {
        let fields =
            "Date:  Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: application/json\r\n"
            + "Connection: keep-alive, X-Hop\r\nKeep-Alive: max=5, timeout=75\r\n"
            + "Content-Length: 12\r\n"
        let expected =
            #"200, "OK", length(12), announces 12, keeps 75, kvs, "#
            + "date   Thu, 01 Jan 1970 00:00:00 GMT, \(fields.debugDescription), 3 left"
        #expect(Self.parse("HTTP/1.1 200 OK\r\n\(fields)\r\nabc") == expected)
    }

    @Test(
        "Status lines that are taken",
        arguments: [
            ("HTTP/1.1 200 OK", #"200, "OK""#), ("HTTP/1.1 200 ", #"200, """#),
            ("HTTP/1.1 200", #"200, """#), ("HTTP/1.1 599 a\tb", #"599, "a\tb""#),
            ("HTTP/1.1 404 Nicht gefunden: \u{E4}", "404, \"Nicht gefunden: \u{E4}\""),
            ("HTTP/1.1 299  x ", #"299, " x ""#),
        ]
    )
    func statusLine(line: String, expected: String) {
        let result = Self.parse(Self.head(line, "Content-Length: 1"))
        #expect(
            result == "\(expected), length(1), announces 1, \"Content-Length: 1\\r\\n\", 0 left"
        )
    }

    @Test(
        "Status lines that are none",
        arguments: [
            "", "H", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK",
            "HTTP/1.1 99999", "HTTP/1.1 200OK", "HTTP/1.1  200 OK", "HTTP/1.1 -20 OK",
            "HTTP/1.1 2x0 OK", "HTTP/1.1 +20 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK",
            "HTTP/1.2 200 OK", "HTTP/1.9 200 OK", "HTTP/2.0 200 OK", "HTTP/0.9 200 OK",
            "HTTP/2 200 OK!!", "HTTP/11 200 OK", "HTTP/1,1 200 OK", "http/1.1 200 OK",
            "ICY 200 OK OK OK", " HTTP/1.1 200 OK", "GET / HTTP/1.1", "\u{0}HTTP/1.1 200 OK",
            "HTTP/1.1 000 OK", "HTTP/1.1 099 OK", "HTTP/1.1 600 OK", "HTTP/1.1 999 OK",
            "HTTP/1.1 101 Switching Protocols", "HTTP/1.1 200 O\u{0}K", "HTTP/1.1 200 O\u{7F}K",
            "HTTP/1.1 200 OK\r", "HTTP/1.1 200 O\rK", "HTTP/1.1 200 O\nK", "HTTP/1.1 200 O\u{1B}K",
        ]
    )
    func noStatusLine(line: String) {
        #expect(Self.parse(Self.head(line, "Content-Length: 1")) == "malformed")
    }

    @Test("A head ends with CRLF, each of its lines does, and none of it is folded")
    func lineEnds() {
        let good = Self.head("HTTP/1.1 200 OK", "Content-Length: 1", "X: y")
        #expect(Self.parse(good).hasPrefix("200"))
        for (index, byte) in good.utf8.enumerated() where byte == UInt8(ascii: "\r") {
            var bytes = Array(good.utf8)
            bytes.remove(at: index)
            #expect(Self.parse(String(decoding: bytes, as: UTF8.self)) == "malformed", "\(index)")
        }
        #expect(Self.parse("\r\n" + good) == "malformed")
        #expect(Self.parse("\n" + good) == "malformed")
    }

    @Test(
        "Fields that are none",
        arguments: [
            "X", ":", ": a", " : a", "X : a", "X\t: a", " X: a", "\tX: a", "X/Y: a", "X Y: a",
            "X\u{0}: a", "X: a\u{0}", "X: \u{1}", "X: a\rb", "X: a\u{7F}", "X: a\u{B}",
            "X: a\u{1B}b",
            "(X): a", "\"X\": a", "X\u{E4}: a", "X=a", "X: a\r", "Connection : close",
            "X: 0123456789\u{1}0123456789",
        ]
    )
    func malformedFields(field: String) {
        let start = Self.head("HTTP/1.1 200 OK", "Content-Length: 1", field)
        #expect(Self.parse(start) == "malformed")
        #expect(Self.parse(Self.head("HTTP/1.1 103 Early Hints", field)) == "malformed")
    }

    @Test("Fields may be empty, hold tabs and bytes beyond ASCII, and end with a colon")
    func unusualFields() {
        let head = Self.head(
            "HTTP/1.1 200 OK",
            "Content-Length: 1",
            "X:",
            "Y: a\t\u{E4}",
            "!#$: b:c:"
        )
        #expect(Self.parse(head).hasPrefix("200"))
    }

    @Test("A head has 16,384 bytes at most, interim ones in front of it included")
    func headLimit() {
        let limit = ReplyHeadParser.maximumHeadBytes
        func head(_ count: Int) -> String {
            let start = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: "
            return start + String(repeating: "y", count: count - start.utf8.count - 4) + "\r\n\r\n"
        }
        let interim = "HTTP/1.1 102 Processing\r\n\r\n"
        for cuts in [[], [100], [limit], [limit - 1]] {
            #expect(Self.parse(head(limit), cuts: cuts).hasPrefix("200"), "\(cuts)")
            #expect(Self.parse(head(limit + 1), cuts: cuts) == "malformed", "\(cuts)")
            #expect(
                Self.parse(interim + head(limit - interim.utf8.count), cuts: cuts).hasPrefix("200")
            )
            #expect(
                Self.parse(interim + head(limit + 1 - interim.utf8.count), cuts: cuts)
                    == "malformed"
            )
        }
        // Nobody waits for the rest of a line that is too long already.
        let line = "HTTP/1.1 200 " + String(repeating: "y", count: limit - 13)
        #expect(Self.parse(line) == "incomplete")
        #expect(Self.parse(line + "y") == "malformed")
        let endless = String(repeating: interim, count: limit / interim.utf8.count + 1)
        #expect(Self.parse(endless) == "malformed")
    }

    // MARK: - Interim heads

    @Test(
        "Interim heads are skipped, and nothing that they say counts",
        arguments: [
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
            "HTTP/1.1 199\r\n\r\nHTTP/1.0 102 \r\nConnection: close\r\n\r\n",
            "HTTP/1.1 103 E\r\nContent-Length: 5\r\nKeep-Alive: timeout=1\r\n"
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        ]
    )
    func interim(start: String) {
        let result = Self.parse(start + "HTTP/1.1 201 Created\r\nContent-Length: 7\r\n\r\nx")
        #expect(
            result == #"201, "Created", length(7), announces 7, "Content-Length: 7\r\n", 1 left"#
        )
        #expect(Self.parse(start) == "incomplete")
    }

    // MARK: - Splits

    @Test(
        "Wherever a head is cut, it says the same, and nothing before its last byte",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nDate: now\r\nContent-Type: a/b\r\n\r\nabc",
            "HTTP/1.1 103 E\r\nLink: x\r\n\r\nHTTP/1.1 100\r\n\r\nHTTP/1.1 204\r\nX: y\r\n\r\n",
            "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nConnection: a\r\nconnection: Close\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 3\r\n\r\n",
            "HTTP/1.1 200 OK\nX: y\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nabc", "HTTP/1.1 101 U\r\n\r\n",
        ]
    )
    func splits(text: String) {
        let expected = Self.parse(text)
        let count = text.utf8.count
        for cut in 0..<count {
            #expect(Self.parse(text, cuts: [cut]) == expected, "cut at \(cut)")
        }
        #expect(Self.parse(text, cuts: Array(0..<count)) == expected, "byte by byte")
        guard expected != "malformed" else { return }
        let head = text.unicodeScalars.dropLast(text.hasSuffix("abc") ? 3 : 0)
        #expect(Self.parse(String(head.dropLast())) == "incomplete")
    }
}
