import EventLoops
import Wire

/// What counts for a decision of ``ConnectionState``, at the moment at which it is made.
protocol ConnectionFacts {
    // Of the socket, see ``Transport``.
    var mayRead: Bool { get }
    var isFull: Bool { get }
    var peerHasFinished: Bool { get }
    /// Asks the kernel whether something has come, also where no edge has told of it.
    var hasInput: Bool { get }
    // Of what was read, see ``RequestReader``.
    var hasBegun: Bool { get }
    var hasBacklog: Bool { get }
    /// Whether a body comes in that is read by itself.
    var isLargeBody: Bool { get }
    // Of the replies that wait, see ``ReplyQueue``.
    var hasReplies: Bool { get }
    var replyBytes: Int { get }
    /// Whether evhttp has ended its side, and our half of the stream with it.
    var evhttpHasGone: Bool { get }
}

/// One client's connection as a pure machine: what has happened goes in, what is to be done next comes out.
///
/// ``HTTPConnection`` tells it what happens, and does what it says, one step after the other, in turns of
/// bounded work. Sockets, evhttp, the clock and the bytes are its affair; order, patience and the ways in
/// which a connection ends are decided here.
struct ConnectionState: Equatable, Sendable {
    enum Phase: Equatable, Sendable {
        /// Reads, or waits for, a request.
        case reading
        /// A whole request is there, and nobody has it yet.
        case complete
        /// A handler holds the request. Nothing is read.
        case awaitingReply
        /// There is a reply, which does not stand among those that are sent yet.
        case replied
        /// The guard is to answer, and for the last time.
        case refusing
        /// The last reply is on its way. Nothing is read.
        case finishing
        /// All was said. What the client still sends is dropped, so that the kernel does not answer it with
        /// a reset that destroys our last reply.
        case lingering
        /// There is nothing left to do but to close.
        case over
        case closed
    }

    /// What is to be done next.
    enum Step: Equatable, Sendable {
        /// Nothing: the turn ends here. The socket, a handler or a deadline will tell.
        case wait
        /// The turn is over, and there is more to do: the next one comes when others had theirs.
        case standInLine
        /// Ask the socket again, although it has said nothing.
        case lookAgain
        /// Read what has come.
        case read
        /// Read a piece of a body straight to where it is collected.
        case readBody
        /// Look at what was read before.
        case takeBacklog
        /// Hand the request over.
        case handOver
        /// Put evhttp's reply among those that are sent, or write it at once.
        case send(directly: Bool)
        /// Write what waits.
        case flush
        /// Answer for the guard: ``ConnectionState/refusal``.
        case refuse
        /// End our side of the stream.
        case endStream
        /// Let go of what is held, and read on only to drop it.
        case linger
        case discard
        case close
    }

    /// What a connection may do before others get their turn: requests, and the bytes of bodies and
    /// replies in units of 32 KiB.
    static let unitsPerTurn = 16
    static let bytesPerUnit = 32_768
    /// Pipelined replies are collected up to about this many bytes before they are sent together.
    static let batchBytes = 65_536
    /// What a client may still send, unread, after its last reply.
    static let lingeredBytes = 64 << 20

    /// The last look at the socket of a connection whose wait for a request has ended.
    enum LastLook { case none, due, taken }

    var phase = Phase.reading
    /// Why the guard answers.
    var refusal = Refusal.serverIsFull
    /// Of what has come with that request: bytes that were read and are not looked at any more.
    var bytesDropped = 0
    /// Whether something is being done. Nothing else may begin meanwhile.
    private(set) var isAtWork = false
    /// What is left of the present turn.
    var unitsLeft = 0
    /// Whether a turn begins with what is left to send.
    var flushesFirst = false
    var lastLook = LastLook.none
    /// Whether the deadline is that of a wait for a request.
    var waitsForRequest = true
    /// Whether the present request is the last one, whatever it says.
    var endsAfterRequest = false
    /// Whether the present reply is the connection's last one.
    var replyIsLast = false
    /// Whether the client may have sent more than was read.
    var lingers = false
    /// Whether what the socket does not take now is lost.
    var isInHaste = false
    /// The rest of the body of a refused request. Our side of the stream must not end before it has come:
    /// who sends first and reads afterwards takes that for the end of everything.
    var bytesToDrain = 0
    /// What has been dropped of that, and of whatever else came after the last reply.
    var bytesDrained = 0
    /// Whether nothing more is there to be dropped for now.
    var isDrained = false

    // MARK: - Turns

    /// A turn begins.
    ///
    /// - Returns: False where one is under way, in which nothing else may be begun.
    mutating func beginTurn() -> Bool {
        guard !isAtWork else { return false }
        isAtWork = true
        unitsLeft = Self.unitsPerTurn
        flushesFirst = true
        isDrained = false
        return true
    }

    mutating func endTurn() {
        isAtWork = false
        lastLook = .none
    }

    /// Counts work that was done in the present turn.
    mutating func spend(bytes: Int) { unitsLeft -= 1 + bytes / Self.bytesPerUnit }

    /// Whether no byte of a further request has come, and all replies have gone.
    func isIdle(_ facts: some ConnectionFacts) -> Bool {
        guard case .reading = phase else { return false }
        return !facts.hasBegun && !facts.hasBacklog && !facts.hasReplies
    }

    /// Whether the next turn may be a long one: a piece of a large body, to be kept or to be dropped.
    func takesMuch(_ facts: some ConnectionFacts) -> Bool {
        switch phase {
        case .reading: facts.isLargeBody
        case .lingering: true
        default: false
        }
    }

    /// What is to be done next. It is asked until it says ``Step/wait``, ``Step/standInLine`` or
    /// ``Step/close``.
    ///
    /// - Parameter isLate: Whether the turn has lasted long enough. It is asked only where the turn has done
    ///   something: most turns are one request long, and need no clock.
    mutating func next(_ facts: some ConnectionFacts, isLate: @autoclosure () -> Bool) -> Step {
        switch phase {
        case .reading:
            if mustFlush(facts) { return .flush }
            guard !facts.isFull, facts.hasBacklog || facts.mayRead else {
                return nothingToRead(facts)
            }
            if unitsLeft < Self.unitsPerTurn, unitsLeft > 0, isLate() { unitsLeft = 0 }
            if facts.hasBacklog {
                return unitsLeft > 0 ? .takeBacklog : turnIsOver(facts)
            }
            // A large body by itself: what came before it has had its share of this turn.
            let least = facts.isLargeBody ? Self.unitsPerTurn : 1
            guard unitsLeft >= least else { return turnIsOver(facts) }
            return facts.isLargeBody ? .readBody : .read
        case .complete: return .handOver
        case .awaitingReply:
            // A reply that is ready does not wait for one that is not.
            return facts.hasReplies && !facts.isFull ? .flush : .wait
        case .replied:
            return .send(directly: !facts.hasReplies && (!facts.hasBacklog || replyIsLast))
        case .refusing: return .refuse
        case .finishing: return nextOfEnd(facts)
        case .lingering:
            if isDrained { return .wait }
            return unitsLeft > 0 ? .discard : .standInLine
        case .over: return .close
        case .closed: return .wait
        }
    }

    private mutating func mustFlush(_ facts: some ConnectionFacts) -> Bool {
        let isFirst = flushesFirst
        flushesFirst = false
        guard facts.hasReplies, !facts.isFull else { return false }
        return isFirst || facts.replyBytes >= Self.batchBytes
    }

    private func turnIsOver(_ facts: some ConnectionFacts) -> Step {
        facts.hasReplies ? .flush : .standInLine
    }

    private mutating func nothingToRead(_ facts: some ConnectionFacts) -> Step {
        if facts.hasReplies { return facts.isFull ? .wait : .flush }
        if lastLook == .due {
            lastLook = .taken
            return .lookAgain
        }
        guard lastLook == .taken, isIdle(facts) else { return .wait }
        phase = .over
        return .close
    }

    private mutating func nextOfEnd(_ facts: some ConnectionFacts) -> Step {
        if facts.hasReplies, !facts.isFull { return .flush }
        if isInHaste {
            phase = .over
            return .close
        }
        if facts.hasReplies { return .wait }
        if bytesToDrain == 0, !facts.evhttpHasGone { return .endStream }
        // What has come must be read as well, in front of the client's own end too: closed on top of it, the
        // kernel resets the connection.
        if facts.mayRead || ((lingers || facts.hasBacklog) && !facts.peerHasFinished)
            || facts.hasInput
        {
            phase = .lingering
            // Its client is to see the reply first, and others have waited.
            unitsLeft = 0
            return .linger
        }
        phase = .over
        return .close
    }
}
