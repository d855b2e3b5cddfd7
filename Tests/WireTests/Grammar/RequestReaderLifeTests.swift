import TestSupport
import Testing

@testable import Wire

@Suite("RequestReader: from the first byte to the answer")
struct RequestReaderLifeTests {
    private static let large = "PUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n"

    /// Takes all of `text`, which nothing stands behind.
    private static func take(_ text: String, _ reader: inout RequestReader) throws(Refusal) -> Bool
    {
        try withExactBytes([UInt8](text)) { bytes throws(Refusal) in
            let step = try reader.take(bytes) { _ in }
            #expect(step.consumed == bytes.count)
            return step.hasEndedHead
        }
    }

    @Test("A request has begun with its first byte, and no longer when it is complete")
    func hasBegun() throws {
        let pieces: [(String, Bool)] = [
            ("\r", false), ("\n\r\n", false), ("P", true), ("UT /k HTTP/1.1\r\nHost: a\r\n", true),
            ("Content-Length: 2\r\n\r\n", true), ("a", true), ("b", false),
            ("\r\n", false), ("GET /k HTTP/1.1\r\nHost: a\r\n\r", true), ("\n", false),
            ("POST /k HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", true),
            ("1\r\na\r\n0\r\n\r", true), ("\n", false),
            ("DELETE /k HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", true), ("a", false),
        ]
        var reader = RequestReader(limits: RequestFeed.limits())
        #expect((reader.hasBegun) == false)
        for (number, (piece, expected)) in pieces.enumerated() {
            _ = try Self.take(piece, &reader)
            let hasBegun = reader.hasBegun
            #expect(hasBegun == expected, "behind piece \(number)")
            if reader.isComplete { reader.finish() }
        }
    }

    @Test("The end of a head is told once, whether a body follows or not")
    func endOfHead() throws {
        var reader = RequestReader(limits: RequestFeed.limits())
        let start = "PUT /k HTTP/1.1\r\nHost: a\r\n"
        for piece in [start + "\r\n", start + "Content-Length: 2\r\n\r\n"] {
            for character in piece.unicodeScalars.dropLast() {
                let hasEnded = try Self.take(String(character), &reader)
                #expect(!hasEnded)
            }
            let hasEnded = try Self.take("\n", &reader)
            #expect(hasEnded)
            if reader.isComplete { reader.finish() }
        }
        let hasEnded = try Self.take("a", &reader)
        #expect(!hasEnded)
    }

    @Test("The method is known with the request line, and until the next request begins")
    func method() throws {
        let pieces: [(String, HTTPMethod?)] = [
            ("", nil), ("HEAD /k HTTP/1.1\r", nil), ("\n", .head), ("Host: a\r\n\r\n", .head),
            ("P", nil), ("UT /k HTTP/1.1\r\n", .put),
            ("Host: a\r\nContent-Length: 1\r\n\r\n", .put),
            ("a", .put),
        ]
        var reader = RequestReader(limits: RequestFeed.limits())
        for (number, (piece, expected)) in pieces.enumerated() {
            _ = try Self.take(piece, &reader)
            var method = reader.method
            #expect(method == expected, "behind piece \(number)")
            guard reader.isComplete else { continue }
            reader.finish()
            method = reader.method
            #expect(method == expected, "answered, behind piece \(number)")
        }
    }

    @Test(
        "Of a request that is refused the method is known: a refusal of HEAD has no body",
        arguments: [
            ("Content-Length: 1001\r\n\r\n", .bodyTooLarge),
            ("Content-Length: x\r\n", .malformedContentLength),
            ("Transfer-Encoding: chunked\r\n\r\n3E9\r\n", .bodyTooLarge),
            ("Transfer-Encoding: chunked\r\n\r\nx", .malformedChunk),
        ] as [(String, Refusal)]
    )
    func methodOfRefused(rest: String, refusal: Refusal) {
        let text = [UInt8]("HEAD /k HTTP/1.1\r\nHost: a\r\n" + rest)
        for cut in 0...text.count {
            let feed = RequestFeed()
            #expect(throws: refusal) {
                for piece in [text[..<cut], text[cut...]] { try feed.give(Array(piece)) }
            }
            let method = feed.reader.method
            #expect(method == .head, "cut at \(cut)")
        }
    }

    @Test("Between its end and its answer a request is alone: nothing more is taken")
    func complete() throws {
        var reader = RequestReader(limits: RequestFeed.limits())
        _ = try Self.take("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", &reader)
        let next = [UInt8]("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        try withExactBytes(next) { next in
            let held = reader.heldBytes
            var step = try reader.take(next) { _ in }
            #expect(step.consumed == 0 && !step.hasEndedHead)
            let isKept = reader.keep(next)
            #expect(isKept)
            let isHeld = reader.heldBytes == held + next.count && reader.backlogCount == next.count
            #expect(isHeld)
            step = try reader.takeBacklog { _ in }
            #expect(step.consumed == 0)
            reader.finish()
            let isForgotten = reader.heldBytes == next.count && !reader.isComplete
            #expect(isForgotten)
            step = try reader.takeBacklog { _ in }
            #expect(step.consumed == next.count && step.hasEndedHead)
            let isTaken = reader.heldBytes == next.count && !reader.hasBacklog
            #expect(isTaken && reader.isComplete)
        }
    }

    @Test("What is still to come of a body is known, unless it comes in chunks")
    func rest() throws {
        let start = "PUT /k HTTP/1.1\r\nHost: a\r\n"
        let feed = RequestFeed()
        for piece in [start, "\r\n", start] {
            try feed.give(piece)
            let rest = feed.reader.rest(besides: 0)
            #expect(rest == 0)
        }
        try feed.give("Content-Length: 10\r\n\r\n")
        for (dropped, expected) in [(0, 10), (4, 6), (10, 0), (11, 0)] {
            let rest = feed.reader.rest(besides: dropped)
            #expect(rest == expected)
        }
        try feed.give("abc")
        var rest = feed.reader.rest(besides: 2)
        #expect(rest == 5)
        try feed.give("defghij")
        rest = feed.reader.rest(besides: 0)
        #expect(rest == 0)
        try feed.give(start + "Transfer-Encoding: chunked\r\n\r\n1\r\n")
        rest = feed.reader.rest(besides: 3)
        #expect(rest == .max)
    }

    @Test(
        "Of a body that is too large all is still to come but what stands behind its head",
        arguments: [
            ("", "", 5000), ("", "abc", 4997), ("Expect: 100-continue\r\n", "", 0),
            ("Expect: 100-continue\r\n", "abc", 4997), ("", String(repeating: "a", count: 6000), 0),
        ]
    )
    func restOfRefused(field: String, behind: String, expected: Int) {
        let feed = RequestFeed()
        #expect(throws: Refusal.bodyTooLarge) {
            try feed.give(Self.large + field + "\r\n" + behind)
        }
        for dropped in [0, behind.utf8.count] {
            let rest = feed.reader.rest(besides: dropped)
            #expect(rest == expected)
        }
    }

    @Test("Bytes of known length may be put where they belong by somebody else")
    func skipped() throws {
        var reader = RequestReader(limits: RequestFeed.limits())
        reader.skip(1)
        let head = "PUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
        #expect((reader.remainingContent == nil) == true)
        _ = try Self.take(head, &reader)
        _ = try Self.take("h", &reader)
        #expect((reader.remainingContent == 4) == true)
        reader.skip(3)
        #expect((reader.remainingContent == 1) == true)
        #expect((reader.hasBegun && !reader.isComplete) == true)
        reader.skip(1)
        #expect((reader.remainingContent == nil) == true)
        #expect((reader.isComplete && !reader.hasBegun) == true)
        reader.finish()
        _ = try Self.take(head.replacing("PUT", with: "GET"), &reader)
        #expect((reader.remainingContent == nil) == true, "it goes nowhere")
    }

    @Test("A large head's memory is given back with its answer, a small one's is kept")
    func memoryOfHeads() throws {
        /// Of the block that holds the head of a GET.
        func blockBytes(_ reader: borrowing RequestReader) throws -> Int {
            let target = try #require(reader.target.baseAddress)
            return HeapFixtures.chunkBytes(of: UnsafeMutableRawPointer(mutating: target - 4))
        }
        func head(bytes: Int) -> String {
            let start = "GET /k HTTP/1.1\r\nHost: a\r\nX: "
            return start + String(repeating: "x", count: bytes - start.utf8.count - 4) + "\r\n\r\n"
        }
        var reader = RequestReader(limits: RequestFeed.limits())
        for (before, isKept) in [(700, true), (768, true), (769, false), (9000, false)] {
            _ = try Self.take(head(bytes: before), &reader)
            let large = try blockBytes(reader)
            reader.finish()
            _ = try Self.take(head(bytes: 100), &reader)
            let small = try blockBytes(reader)
            reader.finish()
            #expect((small == large) == isKept, "behind \(before) bytes")
            reader.removeAll()
        }
    }

    @Test("Each request has the limits of the first")
    func limits() throws {
        var limits = RequestFeed.limits(bodyBytes: 2)
        limits.head.targetBytes = 10
        let feed = RequestFeed(limits: limits)
        for _ in 0..<3 {
            try feed.give("PUT /234567890 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
        }
        #expect(throws: Refusal.targetTooLong) { try feed.give("PUT /2345678901 HTTP/1.1\r\n") }
    }

    @Test("A reader that forgets everything holds nothing, and has nothing left of a request")
    func removeAll() throws {
        var reader = RequestReader(limits: RequestFeed.limits())
        _ = try Self.take("GET /k HTTP/1.1\r\nHost: a\r\n\r\n", &reader)
        let isKept = [UInt8]("GET").withUnsafeBytes { reader.keep($0) }
        #expect(isKept)
        reader.removeAll()
        let holdsNothing = reader.heldBytes == 0 && !reader.hasBacklog && reader.target.isEmpty
        #expect(holdsNothing)
    }
}
