import Testing

@testable import Wire

@Suite("HeadParser")
struct HeadParserTests {
    /// What the parser makes of a head that comes in one piece.
    static func parse(
        _ text: String,
        limits: HeadParser.Limits = .init()
    ) throws -> (head: RequestHead, range: Range<Int>)? {
        var parser = HeadParser(limits: limits)
        let bytes = Array(text.utf8)
        let range = try bytes.withUnsafeBytes { try parser.parse($0) }
        return range.map { (parser.head, $0) }
    }

    /// The refusal of a head; nil where it was accepted or is incomplete.
    static func refusal(of text: String, limits: HeadParser.Limits = .init()) -> Refusal? {
        do {
            _ = try parse(text, limits: limits)
            return nil
        } catch {
            return error as? Refusal
        }
    }

    @Test("A plain request has a method, no body, and keeps the connection")
    func plain() throws {
        let text = "GET /kvs/foo HTTP/1.1\r\nHost: a\r\n\r\n"
        let result = try #require(try Self.parse(text))
        #expect(result.head.meaning == RequestHead(method: .get))
        #expect(result.head.target == 4..<12)
        #expect(result.head.fields == 23..<32)
        #expect(result.range == 0..<text.utf8.count)
    }

    @Test("Bytes behind the head are left alone; empty lines before it are skipped")
    func borders() throws {
        let head = "PUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
        let result = try #require(try Self.parse("\r\n\r\n" + head + "val=x"))
        #expect(result.range == 4..<(4 + head.utf8.count))
        #expect(result.head.framing == .length(5))
    }

    @Test("A head that comes byte by byte is found at its last byte, not before")
    func byteByByte() throws {
        let text = "\r\nPUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n"
        let bytes = Array(text.utf8)
        var parser = HeadParser()
        for count in 1..<bytes.count {
            let result = try bytes[..<count].withUnsafeBytes { try parser.parse($0) }
            #expect(result == nil)
        }
        let range = try bytes.withUnsafeBytes { try parser.parse($0) }
        #expect(range == 2..<bytes.count)
        #expect(parser.head.framing == .length(7))
    }

    @Test("A parser made ready for the next head is like a new one")
    func reset() throws {
        func state(_ parser: HeadParser) -> String {
            var text = ""
            dump(parser, to: &text)
            return text
        }
        let text =
            "\r\nPUT http://h/k HTTP/1.0\r\nHost: a\r\nVia: v\r\nVia: w\r\nContent-Length: 7\r\n"
            + "Connection: close, keep-alive\r\nKeep-Alive: x\r\nExpect: 100-continue\r\n"
        let ends = [["\r\n"], ["Transfer-Encoding: chunked\r\n", "x"], ["A: b"]]
        for end in ends {
            var parser = HeadParser()
            for piece in end.indices {
                let bytes = [UInt8]((text + end[...piece].joined()).utf8)
                _ = try bytes.withUnsafeBytes { try parser.parse($0) }
            }
            #expect(state(parser) != state(HeadParser()))
            parser.reset()
            #expect(state(parser) == state(HeadParser()))
        }
    }

    @Test(
        "What follows from the fields",
        arguments: [
            ("HTTP/1.1", "Connection: close", RequestHead(method: .put, closesConnection: true)),
            (
                "HTTP/1.1", "Connection: TE, Close",
                RequestHead(method: .put, closesConnection: true)
            ),
            ("HTTP/1.1", "Connection: closed", RequestHead(method: .put)),
            (
                "HTTP/1.0", "X: y",
                RequestHead(method: .put, isVersion11: false, closesConnection: true)
            ),
            (
                "HTTP/1.0", "Connection: Keep-Alive",
                RequestHead(method: .put, isVersion11: false)
            ),
            ("HTTP/1.1", "Content-Length: 0", RequestHead(method: .put)),
            ("HTTP/1.1", "Content-Length: 007", RequestHead(method: .put, framing: .length(7))),
            (
                "HTTP/1.1", "TRANSFER-ENCODING: Chunked",
                RequestHead(method: .put, framing: .chunked)
            ),
            ("HTTP/1.1", "Expect: 100-Continue", RequestHead(method: .put)),
            (
                "HTTP/1.1", "Content-Length: 0\r\nExpect: 100-Continue",
                RequestHead(method: .put, expectsContinue: true)
            ),
            (
                "HTTP/1.0", "Expect: 100-continue",
                RequestHead(method: .put, isVersion11: false, closesConnection: true)
            ),
        ] as [(String, String, RequestHead)]
    )
    func fields(version: String, field: String, expected: RequestHead) throws {
        let text = "PUT /k \(version)\r\nHost: a\r\n\(field)\r\n\r\n"
        #expect(try Self.parse(text)?.head.meaning == expected)
    }

    @Test("Of a target in absolute-form the path and the query count")
    func absoluteForm() throws {
        let head = try #require(
            try Self.parse("GET HTTP://h:80/kvs/a?b HTTP/1.1\r\nHost: h\r\n\r\n")?.head
        )
        #expect(head.target == 15..<23)
        let bare = try #require(try Self.parse("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n")?.head)
        #expect(bare.target == 12..<12)
    }

    @Test("White space of both kinds around a field's value is none of it")
    func tabsAroundValues() throws {
        let text = "PUT /k HTTP/1.1\r\nHost:\ta \r\nExpect: \t 100-continue\r\nVia:\t x\ty \t\r\n"
        let head = try #require(try Self.parse(text + "Content-Length:\t1\t\r\n\r\n")?.head)
        #expect(head.expectsContinue)
        #expect(head.framing == .length(1))
        let via = try #require(head.known.place(of: .via))
        #expect(Array(text.utf8)[via].elementsEqual("x\ty".utf8))
    }

    static let refusals: [(String, Refusal)] = [
        ("GET /k HTTP/1.1\nHost: a\n\n", .bareLineFeed),
        ("GET /k HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
        ("GET  /k HTTP/1.1\r\n", .malformedRequestLine),
        ("GET /k  HTTP/1.1\r\n", .malformedRequestLine),
        ("GET /k\r\n", .malformedRequestLine),
        ("GET /k HTTP/1.1 \r\n", .malformedRequestLine),
        ("G(T /k HTTP/1.1\r\n", .malformedRequestLine),
        ("\u{16}\u{3}\u{1}", .malformedRequestLine),
        ("GET /k HTTP/2.0\r\n", .versionNotSupported),
        ("GET /k HTTP/1.2\r\n", .versionNotSupported),
        ("GET /k HTTP/1.10\r\n", .malformedRequestLine),
        ("GET /k http/1.1\r\n", .malformedRequestLine),
        ("CONNECT a:80 HTTP/1.1\r\n", .connectNotImplemented),
        ("GET //h/k HTTP/1.1\r\n", .malformedTarget),
        ("GET k HTTP/1.1\r\n", .malformedTarget),
        ("GET http://h//k HTTP/1.1\r\n", .malformedTarget),
        ("GET * HTTP/1.1\r\n", .malformedTarget),
        ("GET /a#b HTTP/1.1\r\n", .malformedTarget),
        ("GET /a\u{1}b HTTP/1.1\r\n", .malformedTarget),
        ("GET /ä HTTP/1.1\r\n", .malformedTarget),
        ("GET ftp://h/k HTTP/1.1\r\n", .malformedTarget),
        ("GET http:///k HTTP/1.1\r\n", .malformedTarget),
        ("GET http://u@h/k HTTP/1.1\r\n", .malformedTarget),
        ("\(String(repeating: "A", count: 33)) /k HTTP/1.1\r\n", .methodTooLong),
        ("GET /k HTTP/1.1\r\n a: b\r\n", .foldedField),
        ("GET /k HTTP/1.1\r\nHost: a\r\n\tb\r\n", .foldedField),
        ("GET /k HTTP/1.1\r\nHost : a\r\n", .malformedField),
        ("GET /k HTTP/1.1\r\n: a\r\n", .malformedField),
        ("GET /k HTTP/1.1\r\nHost\r\n", .malformedField),
        ("GET /k HTTP/1.1\r\nX: a\u{0}b\r\n", .malformedField),
        ("GET /k HTTP/1.1\r\nX: a\rb\r\n", .malformedField),
        ("GET /k HTTP/1.1\r\n\r\n", .hostNotUnique),
        ("GET /k HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .hostNotUnique),
        ("GET /k HTTP/1.1\r\nHost: a/b\r\n", .malformedHost),
        ("GET /k HTTP/1.1\r\nHost: a:http\r\n", .malformedHost),
        ("GET /k HTTP/1.1\r\nHost: [::1\r\n", .malformedHost),
        ("GET /k HTTP/1.1\r\nHost: a%zz\r\n", .malformedHost),
        ("PUT /k HTTP/1.1\r\nContent-Length: +5\r\n", .malformedContentLength),
        ("PUT /k HTTP/1.1\r\nContent-Length: 0x5\r\n", .malformedContentLength),
        ("PUT /k HTTP/1.1\r\nContent-Length: 5, 5\r\n", .malformedContentLength),
        ("PUT /k HTTP/1.1\r\nContent-Length:\r\n", .malformedContentLength),
        ("PUT /k HTTP/1.1\r\nContent-Length: -1\r\n", .malformedContentLength),
        (
            "PUT /k HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n",
            .malformedContentLength
        ),
        (
            "PUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            .conflictingFraming
        ),
        ("PUT /k HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n", .unknownTransferCoding),
        ("PUT /k HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n", .unknownTransferCoding),
        (
            "PUT /k HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            .repeatedTransferEncoding
        ),
        (
            "PUT /k HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingInOldVersion
        ),
        ("PUT /k HTTP/1.1\r\nExpect: 200-ok\r\n", .expectationFailed),
    ]

    @Test("What is refused", arguments: refusals)
    func refused(text: String, expected: Refusal) {
        #expect(Self.refusal(of: text) == expected)
    }

    @Test("Each limit holds to the byte, also while the head is incomplete")
    func limits() throws {
        let limits = HeadParser.Limits(
            headBytes: 200,
            targetBytes: 50,
            fields: 3,
            viaBytes: 20,
            viaFields: 1
        )
        func request(target: Int) -> String {
            "GET /\(String(repeating: "a", count: target - 1)) HTTP/1.1\r\nHost: a\r\n\r\n"
        }
        #expect(Self.refusal(of: request(target: 50), limits: limits) == nil)
        #expect(Self.refusal(of: request(target: 51), limits: limits) == .targetTooLong)
        let malformed = "GET /" + String(repeating: "a", count: 100) + "\r\n\r\n"
        #expect(Self.refusal(of: malformed, limits: limits) == .targetTooLong)
        let endless = "GET /" + String(repeating: "a", count: 100)
        #expect(Self.refusal(of: endless, limits: limits) == .targetTooLong)

        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        func head(bytes: Int) -> String {
            start + String(repeating: "x", count: bytes - start.utf8.count - 4) + "\r\n\r\n"
        }
        #expect(Self.refusal(of: head(bytes: 200), limits: limits) == nil)
        #expect(Self.refusal(of: head(bytes: 201), limits: limits) == .headTooLarge)
        let unfinished = start + String(repeating: "x", count: 200)
        #expect(Self.refusal(of: unfinished, limits: limits) == .headTooLarge)

        let three = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n"
        #expect(Self.refusal(of: three + "\r\n", limits: limits) == nil)
        #expect(Self.refusal(of: three + "E: f\r\n\r\n", limits: limits) == .tooManyFields)

        // What a forwarder adds is granted on top, behind its mark.
        func relayed(bytes: Int) -> String {
            let start = "GET / HTTP/1.1\r\nVia: a\r\nHost: a\r\nX: "
            return start + String(repeating: "x", count: bytes - start.utf8.count - 4) + "\r\n\r\n"
        }
        #expect(Self.refusal(of: relayed(bytes: 220), limits: limits) == nil)
        #expect(Self.refusal(of: relayed(bytes: 221), limits: limits) == .headTooLarge)
        let four = "GET / HTTP/1.1\r\nVia: a\r\nHost: a\r\nA: b\r\nC: d\r\n"
        #expect(Self.refusal(of: four + "\r\n", limits: limits) == nil)
        #expect(Self.refusal(of: four + "E: f\r\n\r\n", limits: limits) == .tooManyFields)
    }

    @Test("All Connection fields together name 64 options at most; empty ones are none")
    func connectionOptions() throws {
        func head(_ lines: [String]) -> String {
            let fields = lines.map { "Connection: \($0)\r\n" }.joined()
            return "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
        }
        let options = (0..<65).map { "x\($0)" }
        let most = options.dropLast()
        #expect(try Self.parse(head([most.joined(separator: ",")]))?.head != nil)
        #expect(try Self.parse(head(Array(most)))?.head != nil)
        #expect(
            try Self.parse(head([",, " + most.joined(separator: " , ,\t,") + ",", ","])) != nil
        )
        let refusal = Refusal.tooManyConnectionOptions
        #expect(Self.refusal(of: head([options.joined(separator: ",")])) == refusal)
        #expect(Self.refusal(of: head(options)) == refusal)
        let last = head(most.dropLast() + ["close"])
        #expect(try Self.parse(last)?.head.closesConnection == true)
    }

    @Test("What forwarders make of the largest head of a client is taken, however it is cut")
    func relayed() throws {
        let address = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"
        let name = String(repeating: "n", count: 253)
        func list(_ member: String, _ hops: Int) -> String {
            [String](repeating: member, count: hops).joined(separator: ", ")
        }
        let added = [
            "Host: \(name):65535", "Via: \(list("1.1 kvs (0123456789abcdef)", 33))",
            "X-Forwarded-For: \(list(address, 33))", "Connection: keep-alive",
            "Keep-Alive: timeout=86400", "X-Request-Id: \(String(repeating: "i", count: 128))",
        ]
        // Of 128 fields and 16,384 bytes when it came, without spaces.
        let line = "PUT /kvs/key HTTP/1.1"
        let names = (0..<128).map { "X\($0)" }
        let bytes = line.utf8.count + 4 + names.reduce(0) { $0 + $1.utf8.count + 3 }
        let filler = String(repeating: "v", count: 16_384 - bytes)
        let fields = names.dropLast().map { $0 + ": " } + ["\(names[127]): \(filler)"]
        let head = ([line] + added + fields + ["Content-Length: 4784128"])
            .joined(separator: "\r\n")
        let result = try #require(try Self.parse(head + "\r\n\r\n"))
        #expect(result.head.framing == .length(4_784_128))
        #expect(head.utf8.count > 16_384 + 3_000)

        // A Via that needs the room itself.
        let start = "GET /kvs/key HTTP/1.1\r\nHost: a\r\nvIa: "
        func long(_ bytes: Int) -> String {
            start + String(repeating: "v", count: bytes - start.utf8.count - 4) + "\r\n\r\n"
        }
        for (bytes, expected) in [(20_480, nil), (20_481, .headTooLarge)] as [(Int, Refusal?)] {
            #expect(Self.refusal(of: long(bytes)) == expected)
            var parser = HeadParser()
            let text = Array(long(bytes).utf8)
            var refusal: Refusal?
            for count in [30, 33, 34, 36, 16_384, 16_385, 20_000, bytes] where refusal == nil {
                do {
                    _ = try text[..<count].withUnsafeBytes { try parser.parse($0) }
                } catch { refusal = error as? Refusal }
            }
            #expect(refusal == expected)
        }
        let other = long(16_385).replacing("vIa", with: "Viz")
        #expect(Self.refusal(of: other) == .headTooLarge)
    }
}

extension RequestHead {
    /// The head without the places of what stands in it.
    fileprivate var meaning: RequestHead {
        var copy = self
        (copy.target, copy.fields) = (0..<0, 0..<0)
        (copy.known, copy.omitted) = (KnownFields(), OmittedLines())
        return copy
    }
}
