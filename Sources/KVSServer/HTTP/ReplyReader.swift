/// Takes a reply apart as it comes: interim heads are skipped, the head checked, the body's end found.
///
/// Pure: bytes come in, and pieces of the body go out. For one reply.
struct ReplyReader {
    private enum Phase {
        case head
        case length(remaining: Int)
        case chunks(ChunkedDecoder)
        case complete
    }

    private let maximumBytes: Int
    private var parser: ReplyHeadParser
    private var phase = Phase.head
    /// The head: its beginning, until the rest has come; then all of it, with interim ones in front.
    private var headBytes: [UInt8] = []
    /// The final head, once it is there.
    private(set) var head: ReplyHead?
    /// Whether bytes have come behind the reply.
    private(set) var hasSurplus = false

    init(isReplyToHead: Bool, maximumBytes: Int) {
        self.maximumBytes = maximumBytes
        parser = ReplyHeadParser(isReplyToHead: isReplyToHead)
    }

    var isComplete: Bool {
        if case .complete = phase { true } else { false }
    }

    /// The bytes of the head that are there.
    var headCount: Int { headBytes.count }

    /// The bytes of the body that are still to come, where its length is known.
    var remainingLength: Int? {
        if case .length(let remaining) = phase { remaining } else { nil }
    }

    /// `count` bytes of a body of known length have been put where it belongs.
    mutating func skip(_ count: Int) {
        guard case .length(let remaining) = phase else { return }
        phase = remaining > count ? .length(remaining: remaining - count) : .complete
    }

    /// Takes bytes, and gives those of the body, without the framing of chunks, to `append`.
    ///
    /// - Throws: ``ReplyHeadParser/Malformed`` for what is no reply, or a longer one than allowed.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        append: (UnsafeRawBufferPointer) -> Void
    ) throws(ReplyHeadParser.Malformed) {
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
                throw ReplyHeadParser.Malformed()
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
    ) throws(ReplyHeadParser.Malformed) -> Int? {
        if headBytes.isEmpty {
            guard let (head, end) = try parser.parse(bytes) else {
                headBytes.append(contentsOf: bytes)
                return nil
            }
            headBytes.append(contentsOf: bytes[..<end])
            try begin(head)
            return end
        }
        let before = headBytes.count
        headBytes.append(contentsOf: bytes)
        var whole: [UInt8] = []
        swap(&whole, &headBytes)
        let parsed = try whole.span.bytes.withUnsafeBytes {
            bytes throws(ReplyHeadParser.Malformed) -> (head: ReplyHead, end: Int)? in
            try parser.parse(bytes)
        }
        swap(&whole, &headBytes)
        guard let (head, end) = parsed else { return nil }
        headBytes.removeLast(headBytes.count - end)
        try begin(head)
        return end - before
    }

    private mutating func begin(_ head: ReplyHead) throws(ReplyHeadParser.Malformed) {
        self.head = head
        switch head.framing {
        case .none: phase = .complete
        case .length(0): phase = .complete
        case .length(let length):
            guard length <= maximumBytes else { throw ReplyHeadParser.Malformed() }
            phase = .length(remaining: length)
        case .chunked: phase = .chunks(ChunkedDecoder(bodyBytes: maximumBytes))
        }
    }

    /// Gives the reason phrase of the final head to `use`.
    func withReason<Result>(_ use: (UnsafeRawBufferPointer) -> Result) -> Result {
        headBytes.withUnsafeBytes { use($0.slice(head?.reason ?? 0..<0)) }
    }

    /// The bytes of the head, in which ``ReplyHead`` says where what stands; taken out once.
    mutating func takeHeadBytes() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &headBytes)
        return taken
    }
}
