public import Basics

/// Takes a reply apart as it comes: interim heads are skipped, the head checked, the body's end found.
///
/// Pure: bytes come in, and pieces of the body go out. For one reply. ``RequestReader`` is its twin.
@usableFromInline
package struct ReplyReader: ~Copyable {
    @usableFromInline
    enum Phase {
        case head
        case length(remaining: Int)
        case chunks(ChunkedDecoder)
        case complete
    }

    package enum Failure: Error {
        /// What has come is no reply, or a longer one than allowed.
        case malformed
        /// There is no memory for the head.
        case noMemory
    }

    private let maximumBytes: Int
    private var parser: ReplyHeadParser
    @usableFromInline var phase = Phase.head
    /// The head: its beginning, until the rest has come; then all of it, with interim ones in front.
    @usableFromInline var headBytes = HeapBytes()
    /// Whether the final head is there.
    package private(set) var hasHead = false
    /// Whether bytes have come behind the reply.
    package private(set) var hasSurplus = false

    package init(isReplyToHead: Bool, maximumBytes: Int) {
        self.maximumBytes = maximumBytes
        parser = ReplyHeadParser(isReplyToHead: isReplyToHead)
    }

    /// The final head, once it is there.
    package var head: ReplyHead { parser.head }

    /// Whether that is there, and no kvs has sent it.
    package var isOfStranger: Bool { hasHead && !parser.head.isOfKVS }

    @inlinable package var isComplete: Bool {
        if case .complete = phase { true } else { false }
    }

    /// The bytes of the head that are there.
    @inlinable package var headCount: Int { headBytes.count }

    /// The bytes of the body that are still to come, where its length is known.
    @inlinable package var remainingLength: Int? {
        if case .length(let remaining) = phase { remaining } else { nil }
    }

    /// `count` bytes of a body of known length have been put where it belongs.
    package mutating func skip(_ count: Int) {
        guard case .length(let remaining) = phase else { return }
        phase = remaining > count ? .length(remaining: remaining - count) : .complete
    }

    /// Takes bytes, and gives those of the body, without the framing of chunks, to `append`.
    ///
    /// - Throws: ``Failure``.
    package mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        append: (UnsafeRawBufferPointer) -> Void
    ) throws(Failure) {
        var position = 0
        if case .head = phase {
            guard let end = try takeHead(bytes) else { return }
            position = end
        }
        let rest = bytes.slice(position..<bytes.count)
        switch phase {
        case .head: break
        case .length(let remaining):
            let count = min(remaining, rest.count)
            if count > 0 { append(rest.slice(0..<count)) }
            skip(count)
            hasSurplus = rest.count > count
        case .chunks(var decoder):
            let result: (consumed: Int, isComplete: Bool)
            do throws(Refusal) {
                result = try decoder.decode(rest) { piece in append(piece) }
            } catch {
                throw .malformed
            }
            phase = result.isComplete ? .complete : .chunks(decoder)
            hasSurplus = rest.count > result.consumed
        case .complete:
            hasSurplus = hasSurplus || !rest.isEmpty
        }
    }

    /// - Returns: Where the head ends in `bytes`; nil where that has not come yet.
    private mutating func takeHead(
        _ bytes: UnsafeRawBufferPointer
    ) throws(Failure) -> Int? {
        let before = headBytes.count
        // Most heads come in one piece, and only that is kept of what came.
        if before > 0, !headBytes.keep(bytes) { throw .noMemory }
        let found: Int?
        do throws(ReplyHeadParser.Malformed) {
            found = try parser.parse(before > 0 ? headBytes.bytes : bytes)
        } catch {
            throw .malformed
        }
        guard let end = found else {
            if before == 0, !headBytes.keep(bytes) { throw .noMemory }
            return nil
        }
        if before > 0 {
            headBytes.truncate(to: end)
        } else if !headBytes.append(bytes.slice(0..<end)) {
            throw .noMemory
        }
        hasHead = true
        try begin(parser.head.framing)
        return end - before
    }

    private mutating func begin(_ framing: ReplyHead.Framing) throws(Failure) {
        switch framing {
        case .none: phase = .complete
        case .length(0): phase = .complete
        case .length(let length):
            guard length <= maximumBytes else { throw .malformed }
            phase = .length(remaining: length)
        case .chunked: phase = .chunks(ChunkedDecoder(bodyBytes: maximumBytes))
        }
    }

    /// The bytes of the head, in which ``ReplyHead`` says where what stands; taken out once.
    package mutating func takeHeadBytes() -> HeapBytes {
        var taken = HeapBytes()
        swap(&taken, &headBytes)
        return taken
    }
}
