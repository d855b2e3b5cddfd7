import Testing

@testable import Wire

@Suite("RequestReader")
struct RequestReaderTests {
    typealias Seen = RequestFeed.Seen
    typealias Outcome = RequestFeed.Outcome

    /// Expects the same wherever the bytes are cut once, and byte by byte.
    private static func expect(
        _ expected: Outcome,
        of text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let count = text.utf8.count
        for cuts in [[]] + (0...count).map({ [$0] }) + [Array(1..<max(count, 1))] {
            let outcome = RequestFeed.outcome(of: text, cuts: cuts)
            #expect(outcome == expected, "cut at \(cuts.prefix(3))", sourceLocation: sourceLocation)
        }
    }

    private static func expect(
        _ requests: Seen...,
        of text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expect(Outcome(requests: requests), of: text, sourceLocation: sourceLocation)
    }

    private static func head(_ line: String, _ fields: String...) -> String {
        ([line + " HTTP/1.1", "Host: a"] + fields + ["", ""]).joined(separator: "\r\n")
    }

    private static let length = head("PUT /k?a", "Content-Length: 5")
    private static let chunked = head("POST /c", "Transfer-Encoding: chunked")

    @Test("A request without a body is complete with its head, however the bytes are cut")
    func noBody() {
        Self.expect(Seen(method: .get, target: "/kvs/a?b=c"), of: Self.head("GET /kvs/a?b=c"))
        Self.expect(
            Seen(method: .put, target: "/"),
            of: Self.head("PUT /", "Content-Length: 0")
        )
        Self.expect(Outcome(hasBegun: true), of: String(Self.head("GET /").dropLast()))
    }

    @Test("A body of known length comes out, however the bytes are cut")
    func knownLength() {
        Self.expect(Seen(method: .put, target: "/k?a", body: "hello"), of: Self.length + "hello")
        Self.expect(Outcome(hasBegun: true), of: Self.length + "hell")
        Self.expect(Outcome(hasBegun: true), of: Self.length)
    }

    @Test("A chunked body comes out without its framing, however the bytes are cut")
    func chunks() {
        Self.expect(
            Seen(method: .post, target: "/c", body: "hello, you"),
            of: Self.chunked + "5\r\nhello\r\n5;a=b\r\n, you\r\n0\r\nX: y\r\n\r\n"
        )
        Self.expect(Seen(method: .post, target: "/c"), of: Self.chunked + "0\r\n\r\n")
        Self.expect(Outcome(hasBegun: true), of: Self.chunked + "5\r\nhello\r\n0\r\n\r")
    }

    @Test(
        "A body without meaning is read, and given to nobody",
        arguments: [
            ("GET", .get), ("HEAD", .head), ("DELETE", .delete), ("OPTIONS", .options),
            ("TRACE", .trace), ("BREW", .other),
        ] as [(String, HTTPMethod)]
    )
    func bodyWithoutMeaning(name: String, method: HTTPMethod) throws {
        let length = Self.head("\(name) /a", "Content-Length: 9") + "GET /x HT"
        let chunked =
            Self.head("\(name) /b", "Transfer-Encoding: chunked") + "9\r\nGET /x HT\r\n0\r\n\r\n"
        Self.expect(
            Seen(method: method, target: "/a"),
            Seen(method: method, target: "/b"),
            Seen(method: .put, target: "/k?a", body: "hello"),
            of: length + chunked + Self.length + "hello"
        )
        let feed = RequestFeed()
        for byte in [UInt8](length + chunked) { try feed.give([byte]) }
        #expect(feed.requests.count == 2 && feed.pieceCount == 0)
    }

    @Test(
        "A body that means something is given out, of each method that has one",
        arguments: [("PUT", .put), ("POST", .post), ("PATCH", .patch)]
            as [(String, HTTPMethod)]
    )
    func bodyWithMeaning(name: String, method: HTTPMethod) {
        let text = Self.head("\(name) /a", "Content-Length: 2") + "ab"
        Self.expect(Seen(method: method, target: "/a", body: "ab"), of: text)
    }

    @Test("Empty lines in front of a request are passed over, and are not its beginning")
    func emptyLines() {
        let seen = Seen(method: .get, target: "/k")
        for lines in ["\r\n", "\r\n\r\n", "\r\n\r\n\r\n\r\n"] {
            Self.expect(seen, of: lines + Self.head("GET /k"))
            Self.expect(
                Seen(method: .put, target: "/k?a", body: "hello"),
                seen,
                of: Self.length + "hello" + lines + Self.head("GET /k") + lines
            )
        }
        Self.expect(Outcome(), of: "\r\n\r\n\r")
        Self.expect(Outcome(refusal: .malformedRequestLine), of: "\r\n\r\n\r\n\r\n\r\n")
    }

    @Test("Requests that come together are taken one by one, wherever two cuts fall")
    func pipelined() {
        let text =
            Self.head("HEAD /1") + Self.head("PUT /2", "Content-Length: 2") + "ab\r\n"
            + Self.head("POST /3", "Transfer-Encoding: chunked") + "1\r\nc\r\n0\r\n\r\n"
            + Self.head("GET /4") + "GE"
        let expected = Outcome(
            requests: [
                Seen(method: .head, target: "/1"), Seen(method: .put, target: "/2", body: "ab"),
                Seen(method: .post, target: "/3", body: "c"), Seen(method: .get, target: "/4"),
            ],
            hasBegun: true
        )
        Self.expect(expected, of: text)
        for first in stride(from: 1, to: text.utf8.count, by: 3) {
            for second in stride(from: first, to: text.utf8.count, by: 7) {
                let outcome = RequestFeed.outcome(of: text, cuts: [first, second])
                if outcome != expected { Issue.record("cut at \(first) and \(second)") }
            }
        }
    }

    @Test("Of many requests in many pieces nothing is held but what has come of the next one")
    func heldBytes() throws {
        let request = Self.length + "hello\r\n" + Self.chunked + "1\r\nx\r\n0\r\n\r\n"
        let feed = RequestFeed()
        let count = 300
        let stream = [UInt8](String(repeating: request, count: count))
        for start in stride(from: 0, to: stream.count, by: 1000) {
            try feed.give(Array(stream[start..<min(start + 1000, stream.count)]))
        }
        #expect(feed.requests.count == 2 * count)
        #expect(feed.mostHeldBytes < request.utf8.count)
        let held = feed.reader.heldBytes
        #expect(held == 0)
    }

    @Test(
        "A body longer than allowed is refused with its head, or with the size of its chunk",
        arguments: [
            head("PUT /k", "Content-Length: 1001"), head("GET /k", "Content-Length: 1001"),
            chunked + "3E9\r\n", chunked + "3E8\r\n\(thousand)\r\n1\r\n",
            head("DELETE /k", "Transfer-Encoding: chunked") + "3E9\r\n",
        ]
    )
    func tooLarge(text: String) {
        for cuts in [[], Array(1..<text.utf8.count)] {
            let outcome = RequestFeed.outcome(of: text, cuts: cuts)
            #expect(outcome == Outcome(refusal: .bodyTooLarge, hasBegun: true))
        }
        let before = RequestFeed.outcome(of: String(text.unicodeScalars.dropLast()))
        #expect(before.refusal == nil, "not before")
    }

    private static let thousand = String(repeating: "x", count: 1000)

    @Test("A body of exactly the largest size is taken")
    func largest() {
        for text in [
            Self.head("PUT /k", "Content-Length: 1000") + Self.thousand,
            Self.head("PUT /k", "Transfer-Encoding: chunked")
                + "3E8\r\n\(Self.thousand)\r\n0\r\n\r\n",
        ] {
            for cuts in [[], Array(1..<text.utf8.count)] {
                let outcome = RequestFeed.outcome(of: text, cuts: cuts)
                let seen = Seen(method: .put, target: "/k", body: Self.thousand)
                #expect(outcome == Outcome(requests: [seen]))
            }
        }
    }

    @Test(
        "What is malformed is refused, and nothing behind it is taken for a request",
        arguments: [
            (chunked + "x", .malformedChunk), (chunked + "1\r\nab", .malformedChunk),
            (chunked + "1\na", .malformedChunk), (chunked + "0\r\n: y\r\n", .malformedField),
            (head("GET /k", "Transfer-Encoding: chunked") + "1\r\nab", .malformedChunk),
            ("GET /k HTTP/1.1\r\nHost: a\n", .bareLineFeed), (head("GET k"), .malformedTarget),
        ] as [(String, Refusal)]
    )
    func malformed(text: String, refusal: Refusal) {
        let seen = Seen(method: .put, target: "/k?a", body: "hello")
        Self.expect(
            Outcome(requests: [seen], refusal: refusal, hasBegun: true),
            of: Self.length + "hello" + text + Self.head("GET /smuggled")
        )
    }
}
