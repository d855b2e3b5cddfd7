import Testing

@testable import KVSServer

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
                if let (head, end) = result { return describe(head, end: end, in: bytes) }
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
        if head.hasConnection { words.append("connection") }
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
            #"200, "OK", length(12), announces 12, connection, keeps 75, kvs, "#
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

/// What follows from the fields of a reply.
extension ReplyHeadParserTests {
    private static func parsed(
        _ fields: [String],
        line: String = "HTTP/1.1 200 OK",
        toHead: Bool = false
    ) throws -> ReplyHead {
        var parser = ReplyHeadParser(isReplyToHead: toHead)
        let text = ([line] + fields + ["", ""]).joined(separator: "\r\n")
        let result = try Array(text.utf8).withUnsafeBytes { try parser.parse($0) }
        return try #require(result).head
    }

    @Test(
        "Keep-Alive says for how long",
        arguments: [
            ([], nil), (["Keep-Alive: timeout=5"], 5), (["keep-alive:TIMEOUT=0"], 0),
            (["Keep-Alive: timeout=75, max=100"], 75), (["Keep-Alive: max=100,\ttimeout=007 "], 7),
            (["Keep-Alive: timeout=999999999"], 999_999_999),
            // For ever, or nothing that could be used.
            (["Keep-Alive: timeout=1000000000"], nil), (["Keep-Alive: timeout="], nil),
            (["Keep-Alive: timeout=-1"], nil), (["Keep-Alive: timeout=1s"], nil),
            (["Keep-Alive: timeout=\"5\""], nil), (["Keep-Alive: 5"], nil),
            (["Keep-Alive: xtimeout=5"], nil), (["Keep-Alive:"], nil), (["Keep-Alive: ,,"], nil),
            (["Keep-Alive: max=1", "Keep-Alive: timeout=3"], 3),
            (["Keep-Alive: timeout=3", "Keep-Alive: max=1"], 3), (["X-Keep-Alive: timeout=3"], nil),
        ] as [([String], Int?)]
    )
    func keepAlive(fields: [String], expected: Int?) throws {
        #expect(try Self.parsed(fields + ["Content-Length: 0"]).keepsForSeconds == expected)
    }

    @Test(
        "Where the connection ends",
        arguments: [
            ("HTTP/1.1 200 OK", [], false), ("HTTP/1.0 200 OK", [], true),
            ("HTTP/1.0 200 OK", ["Connection: keep-alive"], true),
            ("HTTP/1.1 200 OK", ["Connection: close"], true),
            ("HTTP/1.1 200 OK", ["connection: X, CLOSE ,y"], true),
            ("HTTP/1.1 200 OK", ["Connection: X", "Connection: close"], true),
            ("HTTP/1.1 200 OK", ["Connection: close", "Connection: X"], true),
            ("HTTP/1.1 200 OK", ["Connection: close", "Connection: close"], true),
            ("HTTP/1.1 200 OK", ["Connection: closed, keep-alive"], false),
            ("HTTP/1.1 200 OK", ["Proxy-Connection: close"], false),
        ] as [(String, [String], Bool)]
    )
    func connection(line: String, fields: [String], closes: Bool) throws {
        let head = try Self.parsed(fields + ["Content-Length: 0"], line: line)
        #expect(head.closesConnection == closes)
        #expect(head.hasConnection == fields.contains { $0.lowercased().hasPrefix("connection") })
    }

    @Test(
        "What a kvs sends is JSON, or bytes",
        arguments: [
            (["Content-Type: application/json"], true), (["Content-Type: Application/JSON"], true),
            (["content-type:application/octet-stream"], true),
            (["Content-Type: application/json ;charset=utf-8"], true), ([], false),
            (["Content-Type: text/html"], false), (["Content-Type: application/jsonp"], false),
            (["Content-Type: application/json, text/html"], false), (["Content-Type:"], false),
            (["X: application/json"], false),
        ] as [([String], Bool)]
    )
    func contentType(fields: [String], isOfKVS: Bool) throws {
        #expect(try Self.parsed(fields + ["Content-Length: 0"]).isOfKVS == isOfKVS)
    }

    @Test("The first Date counts")
    func date() throws {
        let text = Self.head("HTTP/1.1 200 OK", "Date: 1", "DATE: 2", "Content-Length: 0")
        #expect(Self.parse(text).contains("date  1,"))
    }

    @Test(
        "Where the body ends; what leaves that open is no reply",
        arguments: [
            (["Content-Length: 5"], .length(5)), (["content-length:\t007 "], .length(7)),
            (["Content-Length: 0"], .length(0)),
            (["Content-Length: 999999999999999999"], .length(999_999_999_999_999_999)),
            (["Transfer-Encoding: chunked"], .chunked), (["transfer-encoding:CHUNKED "], .chunked),
            ([], nil), (["X: y"], nil), (["Content-Length: 5", "Content-Length: 5"], nil),
            (["Content-Length: 5", "content-length: 6"], nil), (["Content-Length: 5, 5"], nil),
            (["Content-Length:"], nil), (["Content-Length: -1"], nil),
            (["Content-Length: +1"], nil),
            (["Content-Length: 0x5"], nil), (["Content-Length: 5 5"], nil),
            (["Content-Length: 5."], nil), (["Content-Length: 1000000000000000000"], nil),
            (["Content-Length: 18446744073709551616"], nil),
            (["Content-Length: 5", "Transfer-Encoding: chunked"], nil),
            (["Transfer-Encoding: chunked", "Content-Length: 5"], nil),
            (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], nil),
            (["Transfer-Encoding: gzip"], nil), (["Transfer-Encoding: gzip, chunked"], nil),
            (["Transfer-Encoding: identity"], nil), (["Transfer-Encoding:"], nil),
            (["Content-Length: 5", "Content-Type: a/b", "Content-Type: a/b"], nil),
        ] as [([String], ReplyHead.Framing?)]
    )
    func framing(fields: [String], expected: ReplyHead.Framing?) {
        #expect((try? Self.parsed(fields))?.framing == expected)
        // With any status but those that have no body.
        for line in ["HTTP/1.1 404 Not Found", "HTTP/1.1 200", "HTTP/1.1 205 Reset Content"] {
            #expect((try? Self.parsed(fields, line: line))?.framing == expected, "\(line)")
        }
    }

    @Test("HTTP/1.0 knows no chunks")
    func chunksOfOldVersion() {
        let line = "HTTP/1.0 200 OK"
        #expect((try? Self.parsed(["Transfer-Encoding: chunked"], line: line)) == nil)
        #expect((try? Self.parsed(["Content-Length: 1"], line: line))?.framing == .length(1))
    }

    @Test(
        "A reply to HEAD, 204 and 304 have no body, whatever their fields announce",
        arguments: [
            ("HTTP/1.1 200 OK", true, ["Content-Length: 5"], 5),
            ("HTTP/1.1 404 Not Found", true, ["Transfer-Encoding: chunked"], nil),
            ("HTTP/1.1 204 No Content", false, [], nil),
            ("HTTP/1.1 204 No Content", false, ["Content-Length: 5"], 5),
            ("HTTP/1.1 304 Not Modified", false, ["Content-Length: 5"], 5),
            ("HTTP/1.1 304 Not Modified", false, ["Transfer-Encoding: chunked"], nil),
            ("HTTP/1.0 304 Not Modified", true, [], nil),
        ] as [(String, Bool, [String], Int?)]
    )
    func noBody(line: String, toHead: Bool, fields: [String], announced: Int?) throws {
        let head = try Self.parsed(fields, line: line, toHead: toHead)
        #expect(head.framing == .none)
        #expect(head.announcedLength == announced)
    }

    @Test("Malformed lengths are none there either")
    func noBodyMalformed() {
        for fields in [["Content-Length: -1"], ["Content-Length: 1", "Content-Length: 1"]] {
            #expect((try? Self.parsed(fields, toHead: true)) == nil)
            #expect((try? Self.parsed(fields, line: "HTTP/1.1 204 No Content")) == nil)
        }
    }

    @Test("What has no body needs no type to be a kvs's; one that is given must be its")
    func typeWithoutBody() throws {
        #expect(try Self.parsed([], line: "HTTP/1.1 204 No Content").isOfKVS)
        #expect(try Self.parsed([], line: "HTTP/1.1 304 Not Modified").isOfKVS)
        let html = ["Content-Type: text/html"]
        #expect(try !Self.parsed(html, line: "HTTP/1.1 204 No Content").isOfKVS)
        #expect(try !Self.parsed(["Content-Length: 1"], toHead: true).isOfKVS)
    }
}
