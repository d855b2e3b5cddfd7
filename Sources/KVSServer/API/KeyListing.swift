import Basics
import EventHTTP
import EventLoops
import KVSStore
import Wire

/// One page of a list in the making: batch by batch, each in a turn of its own, so that neither the store
/// nor the loop is held for long, however many keys there are and however few are wanted of them.
///
/// For use on the loop's thread.
final class KeyListing<Store: Engine>: LoopTask {
    // Safe: used on the loop's thread only.
    @exclusivity(unchecked) var isQueued = false

    /// A page that has been looked for that long goes out with what it has: a forwarder's connection is not
    /// taken from others for much longer than by a large value.
    private static var searchTime: TimeSpan { .milliseconds(25) }

    private let engine: Store
    private let queue: LoopQueue
    private let prefix: Key?
    private let limit: Int
    private let end: MonotonicTime
    // Safe: as above; taken out before it is answered.
    @exclusivity(unchecked) private var request: HTTPRequest?
    private var place: ListPlace?
    /// The body so far, counted in the budget.
    private let text: EventBuffer
    private var claim: BufferClaim
    private var count = 0

    /// Begins a page, and answers the request at once where one batch is enough.
    static func begin(
        _ query: KeyQuery,
        for request: consuming HTTPRequest,
        of engine: Store,
        on surroundings: LoopSurroundings
    ) {
        guard let text = EventBuffer.make() else {
            request.reply(.outOfMemory)
            return
        }
        KeyListing(query, request, engine, surroundings, text).takeTurn()
    }

    private init(
        _ query: KeyQuery,
        _ request: consuming HTTPRequest?,
        _ engine: Store,
        _ surroundings: LoopSurroundings,
        _ text: EventBuffer
    ) {
        (prefix, limit, place) = (query.prefix, query.limit, query.place)
        end = .now + min(Self.searchTime, request?.remainingTime ?? .zero)
        self.request = request
        self.engine = engine
        queue = surroundings.queue
        self.text = text
        claim = BufferClaim(surroundings.budget)
    }

    deinit { text.free() }

    func takeTurn() {
        // Nobody is there any more to be told.
        guard request?.isLost == false else {
            request = nil
            return
        }
        let query = KeyQuery(prefix: prefix, place: place, limit: limit - count)
        engine.perform(.list(query), for: self)
    }

    private func take(_ batch: borrowing KeyBatch) {
        guard append(batch) else {
            request.take()?.reply(.outOfMemory)
            return
        }
        place = batch.next
        guard claim.set(heldBytes: text.count) else {
            request.take()?.replyServerIsFull()
            return
        }
        if place == nil || count >= limit || MonotonicTime.now >= end {
            finish()
        } else {
            queue.append(self)
        }
    }

    private func append(_ batch: borrowing KeyBatch) -> Bool {
        var isWhole = true
        batch.forEach { key in
            let opening: StaticString = count == 0 ? "{\"msg\":\"success\",\"keys\":[\"" : ",\""
            isWhole =
                isWhole && text.append(opening) && text.append(key) && text.append("\"")
            count += 1
        }
        return isWhole
    }

    private func finish() {
        let isWhole =
            (count > 0 || text.append("{\"msg\":\"success\",\"keys\":["))
            && text.append("]")
            && (place.map { text.append(",\"cursor\":\"\($0.cursor)\"") } ?? true)
            && text.append("}")
        // The reply is counted by itself from here on.
        _ = claim.set(heldBytes: 0)
        guard isWhole else {
            request.take()?.reply(.outOfMemory)
            return
        }
        request.take()?.reply(.ok) { $0.moveAll(from: text) }
    }
}

extension KeyListing: OutcomeReceiver {
    func receive(_ outcome: consuming Outcome) {
        switch outcome {
        case .keys(let batch): take(batch)
        case .unknownPlace: request.take()?.reply(.unknownCursor)
        default: request.take()?.reply(.outOfMemory)
        }
    }
}
