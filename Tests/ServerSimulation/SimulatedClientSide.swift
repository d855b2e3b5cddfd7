import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// A client: sends its requests, reads the replies, and checks that each is the one that is due.
struct SimulatedClientSide {
    let plan: ServerScenario.Client
    /// The request whose bytes are being sent, and how many of them have gone.
    var sending = 0
    var sent = 0
    /// The request whose reply comes next.
    var answered = 0
    /// When the server's end had the last byte of each request.
    var arrived: [MonotonicTime] = []
    var received: [UInt8] = []
    var isWaiting = false
    var mayContinue = false
    var hasHeardEnd = false
    /// A reply that says it is the last one.
    var hasHeardLast = false
    var isGone = false
    /// Whether something was sent to a connection that had ended.
    var isCut = false

    init(plan: ServerScenario.Client) { self.plan = plan }

    /// The bytes that can be sent now.
    mutating func nextPiece() -> ArraySlice<UInt8>? {
        guard sending < plan.requests.count, plan.pipelines || sending <= answered else {
            return nil
        }
        let request = plan.requests[sending]
        let bytes = request.head + request.content
        var end = min(bytes.count, sent + plan.piece)
        if request.expectsContinue, !mayContinue, answered <= sending {
            if sent >= request.head.count { return nil }
            end = min(end, request.head.count)
        }
        return bytes[sent..<end]
    }

    mutating func hasSent(_ count: Int, now: MonotonicTime) {
        sent += count
        let request = plan.requests[sending]
        guard sent == request.head.count + request.content.count else { return }
        arrived.append(now)
        sending += 1
        sent = 0
        mayContinue = false
    }

    /// Reads replies.
    ///
    /// - Returns: What is wrong with them.
    mutating func hear(_ bytes: [UInt8], isStrict: Bool, written: Set<String>) -> String? {
        received += bytes
        while let end = Self.endOfHead(received) {
            let lines = String(decoding: received[..<end], as: UTF8.self).components(by: "\r\n")
            guard let status = Int(lines[0].dropFirst(9).prefix(3)), lines[0].hasPrefix("HTTP/1.1 ")
            else { return "a reply begins with a status line: \(lines[0])" }
            guard answered < plan.requests.count else {
                return "there is one reply for each request"
            }
            let request = plan.requests[answered]
            if status == 100 {
                if !request.expectsContinue { return "100 is for who expects it" }
                received.removeFirst(end)
                mayContinue = true
                continue
            }
            let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(16)) }
            guard let length else { return "a reply has a length" }
            let hasBody = request.kind != .head
            guard received.count >= end + (hasBody ? length : 0) else { return nil }
            if hasHeardLast { return "nothing comes behind the last reply" }
            if status == 200, hasBody, Array(received[end..<end + length]) != request.reply {
                return "a reply is that of its own request: \(request.name)"
            }
            if status == 200, request.status != 200 { return "\(request.name) is not answered 200" }
            if status == 503, request.status == 200, written.contains(request.name) {
                return "what may have been done is not refused: \(request.name)"
            }
            if isStrict, status != request.status {
                return "\(request.name) is answered \(request.status), not \(status)"
            }
            received.removeFirst(end + (hasBody ? length : 0))
            answered += 1
            if lines.contains("Connection: close") { hasHeardLast = true }
            if isStrict, request.isLast, !hasHeardLast { return "the last reply says so" }
        }
        return nil
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 0...(bytes.count - 4)
        where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13
            && bytes[index + 3] == 10
        {
            return index + 4
        }
        return nil
    }
}

extension String {
    /// Its pieces between the separators.
    fileprivate func components(by separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: true)
    }
}
