import Basics
import EventLoops
import Wire

/// Joins the parts of a client's connection: the socket (``ByteStream``), what was read (``RequestIntake``),
/// evhttp's account of it (``ReplyPeer``), what is on its way out (``ReplyQueue``), what is held
/// (``BufferClaim``). What is to be done next, ``ConnectionState`` decides.
///
/// One request at a time goes from the socket to the guard, from there to a handler, and its reply to the
/// socket. For use on the loop's thread only.
final class ConnectionDriver<World: ConnectionWorld>: ConnectionFacts, RequestDetails {
    /// Holds the driver, until the connection has ended.
    let world: World
    let stream: World.Stream
    let peer: World.Peer
    // Here, so that no request counts references to them.
    private let observer: (any RequestObserver)?
    private let requestIDs: RequestIDs
    /// The server's tick at which ``expire()`` is called.
    private(set) var deadline = Int.max

    // Safe: used on the loop's thread only, one entry at a time, and no access lasts while evhttp or a
    // handler is called. So also below. (Measured: the checks took 600 instructions of a GET.)
    @exclusivity(unchecked) var state = ConnectionState()
    @exclusivity(unchecked) var intake: RequestIntake
    @exclusivity(unchecked) var replies = ReplyQueue()
    /// What is held of the client's requests and for its replies.
    @exclusivity(unchecked) var claim: BufferClaim
    /// Tells the present request from earlier ones.
    private var requestNumber: UInt64 = 0
    /// When the request began that is being read or answered; nil where there is none.
    private var requestStart: MonotonicTime?
    private var handedOver: MonotonicTime?
    private let wantsTimeOfHandOver: Bool
    /// When the present turn began, once somebody has asked.
    private var turnStart: MonotonicTime?
    /// What its handler calls it by.
    var label: UInt8 = 0
    private var contentBytes = 0
    /// The number of the id that it gets here; 0 as long as none was asked for.
    private var madeID: UInt64 = 0

    init(world: World) {
        self.world = world
        stream = world.stream
        peer = world.peer
        observer = world.observer
        requestIDs = world.requestIDs
        wantsTimeOfHandOver = world.observer?.wantsTimeOfHandOver ?? false
        intake = RequestIntake(limits: world.limits.request)
        claim = BufferClaim(world.budget)
    }

    // MARK: - What comes from outside

    /// The wait for the first request begins.
    func start() { setDeadline(ticks: world.limits.idleTicks) }

    /// The socket has something to say.
    func streamIsReady() {
        // Many who send much at once would be asked one after the other here; the queue lets others in
        // between.
        if state.takesMuch(self) { world.standInLine() } else { takeTurn() }
    }

    /// Goes on with what there is to do.
    func takeTurn() { enter() }

    /// Closes at once. What was not yet sent is lost; a request in a handler's hands is forgotten.
    func drop() { enter(with: .drop) }

    /// The server begins to stop: a connection goes after its last reply.
    ///
    /// An idle one goes a moment later: a busy client's next request may be on its way, and would be
    /// lost without a word if we closed right now.
    func drain() {
        if state.isIdle(self) { setDeadline(ticks: world.limits.drainTicks) }
    }

    /// The server's sweep calls it once the deadline has passed.
    func expire() {
        guard case .awaitingReply = state.phase else {
            enter(with: .expired)
            return
        }
        // The handler has a deadline of its own, which ends before ours.
        guard world.deadline(after: -world.limits.watchdogTicks) >= deadline else { return }
        world.report(.overdue)
        state.handle(.handlerExpired, self)
        reply(to: requestNumber, .serviceUnavailable, .json, fields: []) {
            $0.append(world.ownAnswers.body(of: .overdue))
        }
    }

    /// Does one thing, and whatever follows of it.
    ///
    /// Everything that comes from outside enters here, and nothing may do so while it runs: what a
    /// handler, a queue or another connection wants of this one waits for the loop's queue.
    private func enter(with event: ConnectionState.Event? = nil) {
        guard state.beginTurn() else {
            assertionFailure("a connection was entered while it was at work")
            world.standInLine()
            return
        }
        turnStart = nil
        if let event { state.handle(event, self) }
        takeSteps()
        settle()
        state.endTurn()
    }

    /// A handler's answer has come: while the connection is at work, or as a thing of its own.
    func goOn(with event: ConnectionState.Event) {
        if state.isAtWork { state.handle(event, self) } else { enter(with: event) }
    }

    // MARK: - Steps

    func takeSteps() {
        var end: MonotonicTime?
        /// Nothing further is begun after some time: some requests cost a thousand times as much as others
        /// of the same length.
        func isLate() -> Bool {
            guard let end else {
                end = timeOfTurn() + .milliseconds(1)
                return false
            }
            return world.now >= end
        }
        while true {
            switch state.next(self, isLate: isLate()) {
            case .wait: return
            case .standInLine:
                world.standInLine()
                return
            case .lookAgain: stream.lookAgain()
            case .read: read()
            case .readBody: readBody()
            case .takeBacklog: takeBacklog()
            case .handOver: handOver()
            case .send(let directly): send(directly: directly)
            case .flush: flush()
            case .refuse: refuse(state.refusal, dropping: state.bytesDropped)
            case .endStream: peer.end()
            case .linger: linger()
            case .discard: discard()
            case .close:
                close()
                return
            }
        }
    }

    // MARK: - Facts

    var mayRead: Bool { stream.mayRead }
    var isFull: Bool { stream.isFull }
    var peerHasFinished: Bool { stream.peerHasFinished }
    var hasInput: Bool { stream.hasInput() }
    var hasBegun: Bool { intake.reader.hasBegun }
    var hasBacklog: Bool { intake.reader.hasBacklog }
    var isLargeBody: Bool { intake.isLargeBody(beyond: world.readBuffer.count / 2) }
    var hasReplies: Bool { !replies.isEmpty }
    var replyBytes: Int { replies.count }
    var evhttpHasGone: Bool { peer.hasGone }

    // MARK: - The request

    /// The head of the request being read or answered.
    var head: RequestHead { intake.reader.head }

    /// Whether the request of that number is no longer the one that waits for its reply.
    func hasLost(_ number: UInt64) -> Bool { number != requestNumber || !peer.holdsRequest }

    /// How much of the request's time is left.
    var remainingTime: TimeSpan { world.time(until: deadline) }

    func setDeadline(ticks: Int) { deadline = world.deadline(after: ticks) }

    /// A request's first byte has come. From now on its time runs, whatever the rhythm of the others.
    func requestHasBegun() {
        state.waitsForRequest = false
        setDeadline(ticks: world.limits.requestTicks)
        assert(requestStart == nil, "a request has begun before the end of the one in front of it")
        requestStart = observer == nil ? .distantPast : timeOfTurn()
    }

    private func timeOfTurn() -> MonotonicTime {
        if let turnStart { return turnStart }
        let now = world.now
        turnStart = now
        return now
    }

    /// A handler gets the request, which is complete.
    func nextRequestNumber() -> UInt64 {
        requestNumber += 1
        contentBytes = intake.body?.count ?? 0
        if wantsTimeOfHandOver { handedOver = world.now }
        return requestNumber
    }

    /// The client's own, where it is one, else one that is made here.
    var requestID: UnsafeRawBufferPointer {
        if let given = intake.reader.onlyField(.xRequestID), RequestID.isValid(given) {
            return given
        }
        if madeID == 0 { madeID = requestIDs.next() }
        return requestIDs.text(of: madeID)
    }

    var targetIfKnown: UnsafeRawBufferPointer? {
        intake.reader.hasHead ? intake.reader.target : nil
    }

    var peerHost: UnsafeRawBufferPointer { peer.address }

    /// The one way out for a request, whoever answers it, and if nobody does. Does nothing where there is
    /// none.
    ///
    /// - Parameters:
    ///   - status: Of the reply; nil where the client gets none.
    ///   - refusal: Why the guard has answered.
    func requestEnds(_ status: Int?, bodyBytes: Int, because refusal: Refusal? = nil) {
        defer { intake.finish() }
        guard let start = requestStart.take() else { return }
        observer?.requestHasEnded(
            RequestRecord(
                method: intake.reader.method,
                label: label,
                start: start,
                handedOver: handedOver.take(),
                end: world.now,
                status: status,
                refusal: refusal,
                contentBytes: contentBytes,
                bodyBytes: bodyBytes
            ),
            self
        )
        label = 0
        contentBytes = 0
        madeID = 0
    }
}
