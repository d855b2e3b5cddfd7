import EventLoops
import Wire

/// What happens to a connection.
extension ConnectionState {
    enum Event: Equatable, Sendable {
        /// What reading has come to. Its bytes are another affair.
        case read(Transport.Read)
        /// The last byte of a request has come.
        case requestIsComplete
        /// A handler has it.
        case handedOver
        case replied
        /// There was no memory for a reply. Where something has been done, or may have been, no other answer is
        /// true: the client hears none.
        case replyFailed(mayHaveActed: Bool)
        /// The reply stands among those that are sent, or has been written.
        case sent
        /// evhttp has no memory for another request, and has ended its side. What waits still goes, if it can.
        case peerHasGone
        /// The socket takes nothing any more, or what is to be sent was lost.
        case sendingFailed
        /// The guard does not take a request, or what comes of it.
        case refused(Refusal, dropping: Int)
        /// The guard's answer stands among the replies, or has been written.
        ///
        /// - Parameter rest: What is still to come of the request's body.
        case refusalIsReady(rest: Int)
        case discarded(Transport.Read)
        /// The deadline has passed.
        case expired
        /// The handler has not answered in time, and somebody does in its place.
        case handlerExpired
        /// What is held has grown beyond what there is.
        case noRoom
        /// It ends at once. What was not sent is lost.
        case drop
        case closed
    }

    mutating func handle(_ event: Event, _ facts: some ConnectionFacts) {
        if case .closed = phase { return }
        switch event {
        case .read(let result): handleRead(result, facts)
        case .requestIsComplete:
            phase = .complete
            // What a last look has found is a request like any other: the wait for the next one is whole.
            lastLook = .none
        case .handedOver:
            phase = .awaitingReply
            spend(bytes: 0)
        case .replied: phase = .replied
        case .replyFailed(let mayHaveActed):
            if mayHaveActed { phase = .over } else { refuse(.serverIsFull) }
        case .sent: phase = replyIsLast ? .finishing : .reading
        case .peerHasGone: phase = .finishing
        case .sendingFailed, .drop: phase = .over
        case .refused(let refusal, let count): refuse(refusal, dropping: count)
        case .refusalIsReady(let rest):
            phase = .finishing
            // Who was too slow is not waited for again.
            isInHaste = refusal == .requestTimedOut
            lingers = !isInHaste
            bytesToDrain = rest
        case .discarded(let result): handleDiscarded(result, facts)
        case .expired: handleExpired(facts)
        case .handlerExpired: endsAfterRequest = true
        case .noRoom: giveUp(because: .serverIsFull, facts)
        case .closed: phase = .closed
        }
    }

    private mutating func handleRead(_ result: Transport.Read, _ facts: some ConnectionFacts) {
        switch result {
        case .bytes, .nothing: break
        case .noMemory: refuse(.serverIsFull)
        // Who ends his side has still to hear the replies to what he sent before.
        case .end where facts.hasReplies: phase = .finishing
        // Whatever was being read will never be complete.
        case .end, .failed: phase = .over
        }
    }

    private mutating func handleDiscarded(_ result: Transport.Read, _ facts: some ConnectionFacts) {
        unitsLeft = 0
        switch result {
        case .bytes(let count): bytesDrained += count
        case .nothing: isDrained = !facts.mayRead
        case .end, .failed, .noMemory: phase = .over
        }
        if bytesDrained > Self.lingeredBytes { phase = .over }
    }

    private mutating func handleExpired(_ facts: some ConnectionFacts) {
        if isIdle(facts) {
            // A last look for bytes that have come.
            lastLook = .due
        } else {
            giveUp(because: .requestTimedOut, facts)
        }
    }

    private mutating func refuse(_ refusal: Refusal, dropping count: Int = 0) {
        phase = .refusing
        self.refusal = refusal
        bytesDropped = count
    }

    /// A request that is still coming in is refused; replies that the client does not take are lost.
    private mutating func giveUp(because refusal: Refusal, _ facts: some ConnectionFacts) {
        if case .reading = phase, facts.hasBegun, !facts.hasReplies {
            refuse(refusal)
        } else {
            phase = .over
        }
    }

    // MARK: - Between the steps

    /// Whether the connection goes on behind the present reply.
    ///
    /// - Parameters:
    ///   - requestCloses: Whether the request asks for the end.
    ///   - serverStops: Whether the server stops, and nothing more has come. What has arrived is answered.
    mutating func decideWhetherLast(
        requestCloses: Bool,
        serverStops: Bool,
        _ facts: some ConnectionFacts
    ) {
        replyIsLast = endsAfterRequest || requestCloses || (serverStops && !facts.hasBacklog)
    }

    /// The end of a turn, with everything in its place: the one moment at which the wait for the next request
    /// begins.
    ///
    /// - Returns: Whether it begins now.
    mutating func beginsToWait(_ facts: some ConnectionFacts) -> Bool {
        guard !waitsForRequest, isIdle(facts) else { return false }
        waitsForRequest = true
        return true
    }

    /// Whether our side of the stream can end while the client still sends: the body has come whole.
    var hasDrainedBody: Bool { bytesDrained >= bytesToDrain }

    /// Whether replies, requests or bytes of them may be held.
    var holds: Bool {
        switch phase {
        case .lingering, .over, .closed: false
        default: true
        }
    }
}
