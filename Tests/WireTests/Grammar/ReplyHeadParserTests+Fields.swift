import Testing

@testable import Wire

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
        #expect(result == text.utf8.count)
        return parser.head
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

    @Test("HTTP/1.0 knows no chunks, also where none follow", arguments: [false, true])
    func chunksOfOldVersion(toHead: Bool) {
        let line = "HTTP/1.0 200 OK"
        let chunked = ["Transfer-Encoding: chunked"]
        #expect((try? Self.parsed(chunked, line: line, toHead: toHead)) == nil)
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
