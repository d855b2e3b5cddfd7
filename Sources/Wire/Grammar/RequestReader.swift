public import Basics

/// Takes the requests of one client apart as they come: the head checked, the body's end found.
///
/// Pure: bytes come in, and pieces of the body go out. It keeps the head of the present request, where its
/// fields are read, and what has come behind a request that is not answered yet. One request at a time:
/// from ``isComplete`` on, nothing is taken until ``finish()``.
@usableFromInline
package struct RequestReader: ~Copyable {
    @usableFromInline
    enum Phase {
        case head
        /// A body by Content-Length with so many bytes to come.
        case length(remaining: Int)
        case chunks(ChunkedDecoder)
        case complete
        case answered
        /// Its body is too large: what is still to come of that.
        case refused(rest: Int)
    }

    /// How far some bytes have led.
    package struct Step {
        /// How many of them were used.
        package let consumed: Int
        /// Whether the head was completed by them; bytes of its body, if it has one, come next.
        package let hasEndedHead: Bool
    }

    /// What a request may have at most.
    package struct Limits: Sendable {
        var head = HeadParser.Limits()
        /// The largest body on the wire, decoded from chunks, in bytes.
        package var bodyBytes: Int

        package init(bodyBytes: Int) { self.bodyBytes = bodyBytes }
    }

    /// What a head takes at most that is kept for the next one.
    private static let keptHeadBytes = 768

    private let limits: Limits
    @usableFromInline var parser: HeadParser
    @usableFromInline var phase = Phase.head
    /// The beginning of a head whose rest has not come yet; then the whole head.
    @usableFromInline var headBytes = HeapBytes()
    /// Whether a byte of the request that is being read has come. Empty lines in front of it are none.
    @usableFromInline package private(set) var hasBegun = false
    /// Bytes behind a complete request, from `backlogStart` on.
    @usableFromInline var backlog = HeapBytes()
    @usableFromInline var backlogStart = 0

    package init(limits: Limits) {
        self.limits = limits
        parser = HeadParser(limits: limits.head)
    }

    // MARK: - The present request

    /// The head of the request being read or answered.
    @inlinable package var head: RequestHead { parser.head }

    @inlinable package var isComplete: Bool {
        if case .complete = phase { true } else { false }
    }

    /// Whether the head of the present request is there, and was accepted.
    @inlinable package var hasHead: Bool {
        if case .head = phase { false } else { true }
    }

    /// The bytes that are kept here.
    @inlinable package var heldBytes: Int { headBytes.count + backlog.count }

    /// The request's method; nil where that has not come yet.
    @inlinable package var method: HTTPMethod? {
        if case .head = phase { parser.method } else { head.method }
    }

    /// The path and the query, not decoded, as they stand in the request line. Valid until ``finish()``.
    @inlinable package var target: UnsafeRawBufferPointer { slice(head.target) }

    /// The field lines. Valid until ``finish()``.
    @inlinable package var fields: FieldBlock { FieldBlock(bytes: slice(head.fields)) }

    /// The value of the first field of that name. Valid until ``finish()``.
    @inlinable @inline(__always)
    package func field(_ name: FieldName) -> UnsafeRawBufferPointer? {
        guard let place = head.known.place(of: name) else { return nil }
        return slice(place)
    }

    /// The same where there is one such field and no other.
    @inlinable @inline(__always)
    package func onlyField(_ name: FieldName) -> UnsafeRawBufferPointer? {
        hasHead && !head.known.isRepeated(name) ? field(name) : nil
    }

    /// Gives the values of all fields of that name to `body`, in order.
    @inlinable @inline(__always)
    package func forEachField(_ name: FieldName, _ body: (UnsafeRawBufferPointer) -> Void) {
        // Over a wall a reader that is lent is copied (500 bytes): so it is not lent, and `body` is called
        // without it.
        let all = head.known.isRepeated(name) ? fields : nil
        Self.give(name, field(name), of: all, to: body)
    }

    @usableFromInline
    static func give(
        _ name: FieldName,
        _ first: UnsafeRawBufferPointer?,
        of all: FieldBlock?,
        to body: (UnsafeRawBufferPointer) -> Void
    ) {
        guard let all else {
            if let first { body(first) }
            return
        }
        all.forEach { other, value in
            if FieldName(other) == name { body(value) }
        }
    }

    @inlinable
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        range.upperBound <= headBytes.count
            ? headBytes.bytes.slice(range) : .none
    }

    // MARK: - Bytes

    /// Takes bytes, and gives those of a body that means something, without the framing of chunks, to
    /// `append`.
    package mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        append: (UnsafeRawBufferPointer) throws(Refusal) -> Void
    ) throws(Refusal) -> Step {
        let consumed: Int
        if case .answered = phase {
            phase = .head
            parser.reset()
        }
        switch phase {
        case .head:
            if !hasBegun { hasBegun = bytes.contains { $0 != 0x0D && $0 != 0x0A } }
            guard let end = try takeHead(bytes) else {
                return Step(consumed: bytes.count, hasEndedHead: false)
            }
            return Step(consumed: end, hasEndedHead: true)
        case .length(let remaining):
            consumed = min(remaining, bytes.count)
            if head.method.hasContent { try append(bytes.slice(0..<consumed)) }
            skip(consumed)
        case .chunks(var decoder):
            let isKept = head.method.hasContent
            let result = try decoder.decode(bytes) { piece throws(Refusal) in
                if isKept { try append(piece) }
            }
            consumed = result.consumed
            phase = result.isComplete ? .complete : .chunks(decoder)
        case .complete, .answered, .refused:
            consumed = 0
        }
        if isComplete { hasBegun = false }
        return Step(consumed: consumed, hasEndedHead: false)
    }

    /// - Returns: Where the head ends in `bytes`; nil where that has not come yet.
    private mutating func takeHead(_ bytes: UnsafeRawBufferPointer) throws(Refusal) -> Int? {
        let before = headBytes.count
        // Most heads come in one piece, and only that is kept of what came.
        if before > 0, !headBytes.keep(bytes) { throw .serverIsFull }
        guard let range = try parser.parse(before > 0 ? headBytes.bytes : bytes) else {
            if before == 0, !headBytes.keep(bytes) { throw .serverIsFull }
            return nil
        }
        if before > 0 {
            headBytes.truncate(to: range.upperBound)
            headBytes.removeFirst(range.lowerBound)
        } else if !headBytes.append(bytes.slice(range)) {
            throw .serverIsFull
        }
        let end = range.upperBound - before
        try begin(behind: bytes.count - end)
        return end
    }

    /// - Parameter behind: Bytes that are already there behind the head.
    private mutating func begin(behind: Int) throws(Refusal) {
        switch head.framing {
        case .none:
            phase = .complete
            hasBegun = false
        case .length(let length):
            guard length <= limits.bodyBytes else {
                // Who waits for 100 sends no body.
                let waits = head.expectsContinue && behind == 0
                phase = .refused(rest: waits ? 0 : max(0, length - behind))
                throw .bodyTooLarge
            }
            phase = .length(remaining: length)
        case .chunked:
            phase = .chunks(ChunkedDecoder(bodyBytes: limits.bodyBytes))
        }
    }

    /// The bytes of a body of known length that are still to come and mean something.
    @inlinable package var remainingContent: Int? {
        guard case .length(let remaining) = phase, head.method.hasContent else { return nil }
        return remaining
    }

    /// `count` bytes of a body of known length have been put where it belongs.
    package mutating func skip(_ count: Int) {
        guard case .length(let remaining) = phase else { return }
        phase = remaining > count ? .length(remaining: remaining - count) : .complete
        if isComplete { hasBegun = false }
    }

    // MARK: - Behind the present request

    @inlinable package var backlogCount: Int { backlog.count - backlogStart }

    @inlinable package var hasBacklog: Bool { backlogCount > 0 }

    /// Keeps bytes behind a complete request, in front of which all that were kept have been taken.
    ///
    /// - Returns: False where there is no memory for them.
    package mutating func keep(_ bytes: UnsafeRawBufferPointer) -> Bool { backlog.keep(bytes) }

    /// Takes bytes that were kept, as ``take(_:append:)`` does.
    package mutating func takeBacklog(
        append: (UnsafeRawBufferPointer) throws(Refusal) -> Void
    ) throws(Refusal) -> Step {
        let rest = backlog.bytes.slice(backlogStart..<backlog.count)
        let step = try take(rest, append: append)
        backlogStart += step.consumed
        if !hasBacklog { dropBacklog() }
        return step
    }

    // MARK: - The end

    /// The request is answered: forgets it.
    package mutating func finish() {
        headBytes.removeAll(keepingAtMost: Self.keptHeadBytes)
        if isComplete { phase = .answered }
    }

    /// What is still to come of the present request's body, as far as that is known; `.max` of chunks.
    ///
    /// - Parameter dropped: Bytes of it that have come, and were not taken.
    package func rest(besides dropped: Int) -> Int {
        switch phase {
        case .head: 0
        case .refused(let rest): rest
        case .length(let remaining): max(0, remaining - dropped)
        case .chunks: .max
        case .complete, .answered: 0
        }
    }

    /// Forgets everything.
    package mutating func removeAll() {
        headBytes.removeAll(keepingAtMost: 0)
        dropBacklog()
    }

    private mutating func dropBacklog() {
        backlog.removeAll(keepingAtMost: 0)
        backlogStart = 0
    }
}
