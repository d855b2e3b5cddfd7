import TestSupport

@testable import Wire

/// Gives a stream of requests to a reader, and answers each, as a connection does.
///
/// A class, because a reader cannot be copied, and the pieces of a body come while it changes.
final class RequestFeed {
    /// What was there of a request when it was complete.
    struct Seen: Equatable {
        var method: HTTPMethod?
        var target: String
        var body = ""
    }

    /// What a reader has made of a stream.
    struct Outcome: Equatable {
        var requests: [Seen] = []
        var refusal: Refusal?
        /// Of a request that is not complete.
        var hasBegun = false
    }

    static func limits(bodyBytes: Int = 1000) -> RequestReader.Limits {
        RequestReader.Limits(bodyBytes: bodyBytes)
    }

    var reader: RequestReader
    private(set) var requests: [Seen] = []
    /// How often a body, or a piece of one, was handed out.
    private(set) var pieceCount = 0
    /// The most bytes that were held beside those that came last.
    private(set) var mostHeldBytes = 0
    private var body: [UInt8] = []

    init(limits: RequestReader.Limits = RequestFeed.limits()) {
        reader = RequestReader(limits: limits)
    }

    /// Gives all bytes of `text` to the reader, in one piece.
    func give(_ text: String) throws(Refusal) { try give([UInt8](text)) }

    func give(_ bytes: [UInt8]) throws(Refusal) {
        try withExactBytes(bytes) { bytes throws(Refusal) in
            var position = 0
            while position < bytes.count {
                let step = try reader.take(bytes.slice(position..<bytes.count), append: append)
                precondition(step.consumed > 0, "bytes are given that nobody takes")
                position += step.consumed
                precondition(position <= bytes.count, "more was taken than there was")
                guard reader.isComplete else { continue }
                if position < bytes.count {
                    precondition(reader.keep(bytes.slice(position..<bytes.count)))
                }
                answer()
                break
            }
        }
        try takeBacklog()
    }

    private func takeBacklog() throws(Refusal) {
        while reader.hasBacklog {
            let count = reader.backlogCount
            let step = try reader.takeBacklog(append: append)
            precondition(step.consumed > 0 && reader.backlogCount == count - step.consumed)
            if reader.isComplete { answer() }
        }
        mostHeldBytes = max(mostHeldBytes, reader.heldBytes)
    }

    private func append(_ piece: UnsafeRawBufferPointer) {
        pieceCount += 1
        body += piece
    }

    private func answer() {
        requests.append(
            Seen(
                method: reader.method,
                target: String(decoding: reader.target, as: UTF8.self),
                body: String(decoding: body, as: UTF8.self)
            )
        )
        body = []
        reader.finish()
    }

    /// What a reader makes of `text` that comes in pieces which end at `cuts`.
    static func outcome(of text: String, cuts: [Int] = []) -> Outcome {
        let feed = RequestFeed()
        let bytes = [UInt8](text)
        var outcome = Outcome()
        do throws(Refusal) {
            for (start, end) in zip([0] + cuts, cuts + [bytes.count]) {
                try feed.give(Array(bytes[start..<end]))
            }
        } catch {
            outcome.refusal = error
        }
        outcome.requests = feed.requests
        outcome.hasBegun = feed.reader.hasBegun
        return outcome
    }
}
