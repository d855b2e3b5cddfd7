import Basics
import CLibevent
import EventLoops
import Wire

/// What is held for the client, and until when.
extension HTTPConnection {
    func setDeadline(ticks: Int) {
        deadline = server.deadline(after: ticks)
    }

    /// How much of the request's time is left.
    var remainingTime: TimeSpan { server.time(until: deadline) }

    /// After each entry, with everything in its place: the one moment at which the wait for the next
    /// request begins, and at which what is held is counted.
    func settle() {
        if isIdle {
            if !deadlineIsForIdle {
                deadlineIsForIdle = true
                let limits = server.limits
                setDeadline(ticks: server.isDraining ? limits.drainTicks : limits.idleTicks)
            }
            // What an empty line in front of a request holds is not worth counting.
            if claim.bytes > 0 { _ = claim.set(heldBytes: 0) }
            return
        }
        switch state {
        case .closed, .lingering: _ = claim.set(heldBytes: 0)
        case .reading, .awaitingReply, .replied, .finishing:
            if !claim.set(heldBytes: heldBytes) { thereIsNoRoom() }
        }
    }

    /// The bytes that are there for this client: of its requests, and of replies to them.
    private var heldBytes: Int {
        reader.heldBytes + outgoingTotal + (body?.count ?? 0)
    }

    /// Gives back what is no longer held, the body of the request that is answered, before the client can
    /// know of the answer.
    func releaseWhatHasGone() {
        guard claim.bytes > 0 else { return }
        let held = heldBytes
        if held < claim.bytes { _ = claim.set(heldBytes: held) }
    }

    /// Counts a request that is about to be handed over, or a body that grows.
    ///
    /// - Returns: False where there is no room for it.
    func countInput() -> Bool {
        // The usual case: little, and nothing else.
        if claim.bytes == 0, outgoing == nil, body == nil, reader.heldBytes <= BufferClaim.freeBytes
        {
            return true
        }
        return claim.set(heldBytes: heldBytes)
    }

    /// What is held has grown beyond what there is. A request that is still coming in is refused; a
    /// reply that the client does not take is lost.
    private func thereIsNoRoom() {
        if state == .reading, reader.hasBegun, outgoing == nil {
            refuse(.serverIsFull)
            _ = claim.set(heldBytes: state == .finishing ? heldBytes : 0)
        } else {
            drop()
        }
    }

    /// The server's sweep calls it once the deadline has passed.
    func expire() {
        switch state {
        case .closed: return
        case .awaitingReply:
            // The handler has a deadline of its own, which ends before ours.
            guard server.deadline(after: -server.limits.watchdogTicks) >= deadline else { return }
            server.logger.error("a request was not answered before its deadline")
            closesAfterFlush = true
            reply(to: requestNumber, .serviceUnavailable, .json, fields: []) {
                ErrorBody.append("the request was not answered in time", to: $0)
            }
        case .reading, .replied, .finishing, .lingering:
            enter {
                if isIdle {
                    expireIdle()
                } else if state == .reading, reader.hasBegun, outgoing == nil {
                    lingers = false
                    refuse(.requestTimedOut)
                    drop()
                } else {
                    // The client does not take its replies, or does not end.
                    drop()
                }
            }
        }
    }

    /// The end of a wait for a request: a last look for bytes that have come, then the connection goes.
    private func expireIdle() {
        transport.lookAgain()
        goOn()
        if isIdle { drop() }
    }
}
