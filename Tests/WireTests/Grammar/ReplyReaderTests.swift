import TestSupport
import Testing

@testable import Basics
@testable import Wire

@Suite("ReplyReader")
struct ReplyReaderTests {
    /// What a reader has made of a reply.
    struct Outcome: Equatable {
        var status: Int?
        var body = ""
        var isComplete = false
        var hasSurplus = false
        var isMalformed = false
    }

    /// Gives `text` to a reader in pieces that end at `cuts`, until it is malformed.
    static func read(
        _ text: String,
        toHead: Bool = false,
        maximumBytes: Int = 1000,
        cuts: [Int] = []
    ) -> Outcome {
        var reader = ReplyReader(isReplyToHead: toHead, maximumBytes: maximumBytes)
        let bytes = Array(text.utf8)
        var outcome = Outcome()
        var body: [UInt8] = []
        do {
            for (start, end) in zip([0] + cuts, cuts + [bytes.count]) {
                try withExactBytes(Array(bytes[start..<end])) {
                    piece throws(ReplyReader.Failure) in
                    try reader.take(piece) { body += $0 }
                }
            }
        } catch {
            outcome.isMalformed = true
        }
        outcome.status = reader.hasHead ? reader.head.status : nil
        outcome.body = String(decoding: body, as: UTF8.self)
        outcome.isComplete = reader.isComplete
        outcome.hasSurplus = reader.hasSurplus
        return outcome
    }

    /// Expects the same wherever the bytes are cut once, and byte by byte.
    private static func expect(
        _ expected: Outcome,
        of text: String,
        toHead: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let count = text.utf8.count
        let cuts = [[]] + (0...count).map { [$0] } + [Array(1..<count)]
        for cuts in cuts {
            let outcome = read(text, toHead: toHead, cuts: cuts)
            #expect(outcome == expected, "cut at \(cuts.prefix(3))", sourceLocation: sourceLocation)
        }
    }

    static let length = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    static let chunked = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test("A body of known length comes out, however the bytes are cut")
    func knownLength() {
        let whole = Outcome(status: 200, body: "hello", isComplete: true)
        Self.expect(whole, of: Self.length + "hello")
        Self.expect(whole, of: "HTTP/1.1 103 E\r\nLink: x\r\n\r\n" + Self.length + "hello")
        Self.expect(Outcome(status: 200, body: "hell"), of: Self.length + "hell")
        Self.expect(Outcome(), of: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r")
    }

    @Test("A chunked body comes out without its framing, however the bytes are cut")
    func chunks() {
        let whole = Outcome(status: 201, body: "hello, you", isComplete: true)
        Self.expect(whole, of: Self.chunked + "5\r\nhello\r\n5;a=b\r\n, you\r\n0\r\nX: y\r\n\r\n")
        Self.expect(
            Outcome(status: 201, body: "hello"),
            of: Self.chunked + "5\r\nhello\r\n0\r\n\r"
        )
    }

    @Test("What has no body is complete with its head")
    func noBody() {
        Self.expect(Outcome(status: 200, isComplete: true), of: Self.length, toHead: true)
        Self.expect(Outcome(status: 201, isComplete: true), of: Self.chunked, toHead: true)
        Self.expect(Outcome(status: 204, isComplete: true), of: "HTTP/1.1 204 N\r\n\r\n")
        Self.expect(
            Outcome(status: 200, isComplete: true),
            of: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        )
    }

    @Test("Bytes behind a reply are surplus, and no part of it")
    func surplus() {
        let next = "HTTP/1.1 200 OK\r\n"
        Self.expect(
            Outcome(status: 200, body: "hello", isComplete: true, hasSurplus: true),
            of: Self.length + "hello" + next
        )
        Self.expect(
            Outcome(status: 201, body: "x", isComplete: true, hasSurplus: true),
            of: Self.chunked + "1\r\nx\r\n0\r\n\r\n" + next
        )
        Self.expect(
            Outcome(status: 200, isComplete: true, hasSurplus: true),
            of: Self.length + "h",
            toHead: true
        )
        Self.expect(
            Outcome(status: 204, isComplete: true, hasSurplus: true),
            of: "HTTP/1.1 204 N\r\n\r\n\n"
        )
    }

    @Test(
        "A reply longer than allowed is none, as soon as its head, or a chunk's size, says so",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", ""),
            (chunked + "3E9\r\n", ""), (chunked + "FFFFFFFF\r\n", ""), (chunked + "123456789", ""),
            (chunked + "2\r\nab\r\n3E7\r\n", "ab"),
        ]
    )
    func tooLong(text: String, body: String) {
        for cuts in [[], Array(1..<text.utf8.count)] {
            let outcome = Self.read(text, cuts: cuts)
            #expect(outcome.isMalformed && !outcome.isComplete)
            #expect(outcome.body == body)
        }
        #expect(!Self.read(String(text.unicodeScalars.dropLast())).isMalformed, "not before")
    }

    @Test("A reply of exactly the longest length is taken")
    func longest() {
        let body = String(repeating: "x", count: 1000)
        let known = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n\(body)"
        #expect(Self.read(known).isComplete)
        #expect(Self.read(Self.chunked + "3E8\r\n\(body)\r\n0\r\n\r\n").isComplete)
        // With HEAD it is only announced.
        let announced = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"
        #expect(Self.read(announced, toHead: true).isComplete)
    }

    @Test(
        "What has no end is given up: a chunk's size line, trailers, interim heads",
        arguments: [
            (chunked + "1;", "a", 300), (chunked + "0", "0", 300),
            (chunked + "0\r\nX: ", "y", 17_000),
            (chunked + "0\r\n", "X: y\r\n", 3000), ("", "HTTP/1.1 100 C\r\n\r\n", 1000),
            ("HTTP/1.1 200 ", "y", 17_000), ("HTTP/1.1 200 OK\r\nX: ", "y", 17_000),
        ]
    )
    func endless(start: String, piece: String, count: Int) {
        let text = start + String(repeating: piece, count: count)
        let cuts = Array(stride(from: 7, to: text.utf8.count, by: 7))
        for cuts in [[], cuts] { #expect(Self.read(text, cuts: cuts).isMalformed) }
    }

    @Test(
        "What is malformed is no reply",
        arguments: [
            chunked + "x", chunked + "1\r\nab", chunked + "1\na", chunked + "0\r\n: y\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello", "hello\r\n",
        ]
    )
    func malformed(text: String) {
        for cut in 0...text.utf8.count { #expect(Self.read(text, cuts: [cut]).isMalformed) }
    }

    @Test("Bytes of known length may be put where they belong by somebody else")
    func skipped() throws {
        var reader = ReplyReader(isReplyToHead: false, maximumBytes: 1000)
        #expect((reader.remainingLength == nil) == true)
        reader.skip(1)
        try Array((Self.length + "h").utf8).withUnsafeBytes { try reader.take($0) { _ in } }
        #expect((reader.remainingLength == 4) == true)
        reader.skip(3)
        #expect((reader.remainingLength == 1) == true)
        #expect((reader.isComplete) == false)
        reader.skip(1)
        #expect((reader.remainingLength == nil) == true)
        #expect((reader.isComplete) == true)
    }

    @Test("The head's bytes are all there, interim ones in front of them, and nothing of the body")
    func headBytes() throws {
        let head = "HTTP/1.1 103 E\r\n\r\n" + Self.length
        for cut in 0...head.utf8.count + 3 {
            var reader = ReplyReader(isReplyToHead: false, maximumBytes: 1000)
            let bytes = Array((head + "hello").utf8)
            for piece in [bytes[..<cut], bytes[cut...]] {
                try Array(piece).withUnsafeBytes { try reader.take($0) { _ in } }
            }
            #expect((reader.headCount == head.utf8.count) == true)
            let taken = reader.takeHeadBytes()
            let isWhole = taken.bytes.elementsEqual(head.utf8)
            #expect(isWhole, "cut at \(cut)")
            #expect((reader.headCount == 0) == true)
        }
    }
}
