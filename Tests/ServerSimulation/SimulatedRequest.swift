import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// A request that a client sends, and what must come of it.
struct SimulatedRequest {
    enum Kind: CaseIterable {
        case get, head, put, chunked, malformed, tooLarge, unknownCoding
    }

    enum Answer {
        case atOnce
        case later(TimeSpan)
        /// The handler lets go of it.
        case dropped
        /// The handler answers when somebody else has, in its place.
        case tooLate(TimeSpan)
    }

    let name: String
    let kind: Kind
    let answer: Answer
    let body: [UInt8]
    let head: [UInt8]
    /// The body as it is sent.
    let content: [UInt8]
    let expectsContinue: Bool
    let closes: Bool
    let replyBytes: Int
    /// How long the client waits before it, about as long as the server waits for a request.
    let rest: TimeSpan

    /// - Parameter isOfMany: Makes it a small one that is answered at once.
    init(
        name: String,
        limits: HTTPLimits,
        isOfMany: Bool,
        drawnWith random: inout SeededGenerator
    ) {
        self.name = name
        let draw = isOfMany ? random.below(45) : random.below(100)
        kind =
            draw < 40
            ? .get
            : draw < 50
                ? .head
                : draw < 75
                    ? .put
                    : draw < 92
                        ? .chunked
                        : draw < 95 ? .malformed : draw < 98 ? .tooLarge : .unknownCoding
        let answerDraw = isOfMany ? 0 : random.below(100)
        answer =
            answerDraw < 60
            ? .atOnce
            : answerDraw < 94
                ? .later(random.span(0, 900))
                : answerDraw < 97 ? .dropped : .tooLate(random.span(4000, 5000))
        let sizes = [0, 1, 40, 600, 3000, 9000]
        var count = kind == .put || kind == .chunked ? sizes[random.below(sizes.count)] : 0
        if kind == .tooLarge { count = limits.request.bodyBytes + random.number(1, 5000) }
        let first = UInt8(truncatingIfNeeded: name.utf8.reduce(7) { $0 &* 31 &+ Int($1) })
        body = (0..<count).map { first &+ UInt8(truncatingIfNeeded: $0 &* 7) }
        expectsContinue = (kind == .put || kind == .tooLarge) && count > 0 && random.chance(20)
        closes = !isOfMany && random.chance(8)
        // A write's reply is small: it must not fail for want of room.
        let sizesOfReplies = [0, 100, 2000, 12_000]
        let isRead = kind == .get || kind == .head
        replyBytes = isRead ? sizesOfReplies[random.below(isOfMany ? 2 : 4)] : 0
        rest = !isOfMany && random.chance(8) ? random.span(1050, 1350) : .zero

        let method = kind == .get ? "GET" : kind == .head ? "HEAD" : "PUT"
        var lines = "\(random.chance(10) ? "\r\n" : "")\(method) /\(name) HTTP/1.1\r\nHost: a\r\n"
        if closes { lines += "Connection: close\r\n" }
        if expectsContinue { lines += "Expect: 100-continue\r\n" }
        var content: [UInt8] = []
        switch kind {
        case .get, .head: break
        case .put, .tooLarge:
            lines += "Content-Length: \(count)\r\n"
            content = body
        case .chunked:
            lines += "Transfer-Encoding: chunked\r\n"
            content = Self.chunks(of: body, &random)
        case .malformed: lines += "no colon\r\n"
        case .unknownCoding: lines += "Transfer-Encoding: gzip\r\n"
        }
        head = Array((lines + "\r\n").utf8)
        self.content = content
    }

    private static func chunks(of body: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var result: [UInt8] = []
        var start = 0
        while start < body.count {
            let count = min(body.count - start, random.number(1, 2000))
            result += Array("\(String(count, radix: 16))\r\n".utf8)
            result += body[start..<start + count]
            result += [13, 10]
            start += count
        }
        return result + Array("0\r\n\r\n".utf8)
    }

    /// What the handler answers.
    var reply: [UInt8] {
        Array(name.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: replyBytes)
    }

    /// The statuses of a reply where nothing fails and nobody is slow.
    var status: Int {
        switch kind {
        case .malformed: return 400
        case .tooLarge: return 413
        case .unknownCoding: return 501
        case .get, .head, .put, .chunked: break
        }
        switch answer {
        case .atOnce, .later: return 200
        case .dropped: return 500
        case .tooLate: return 503
        }
    }

    /// Whether nothing is answered behind it.
    var isLast: Bool { closes || [400, 413, 501, 503].contains(status) }

    var hasHandler: Bool { status == 200 || status == 500 || status == 503 }
}
