import CLibevent
import EventLoops
import Wire

/// The ways in which a connection ends.
extension HTTPConnection {
    /// What a client may still send, unread, after its last reply.
    private static let maximumLingeredBytes = 64 << 20

    private static let discardedBytesPerTurn = 1 << 20

    /// Answers for the guard, and closes: not one byte more is taken for a request.
    ///
    /// - Parameter dropped: Bytes that have been read and are not looked at any more.
    func refuse(_ refusal: Refusal, dropping dropped: Int = 0) {
        let body = ErrorBody.text(of: refusal)
        requestEnds(refusal.status.code, bodyBytes: body.utf8.count)
        bytesToDrain = reader.rest(besides: dropped)
        let date = String(cString: server.replyFields.dateText())
        let text = ErrorBody.refusal(
            refusal,
            body: body,
            date: date,
            withBody: reader.method != .head
        )
        closesAfterFlush = true
        lingers = refusal != .requestTimedOut
        EventBuffer(pointer: bufferevent_get_input(bufferevent)).removeAll()
        reader.removeAll()
        releaseRequest()
        let isFirst = outgoing == nil
        guard let output = try? outgoingBuffer(), EventBuffer(pointer: output).append(text) else {
            refuseWithoutMemory(text, isFirst: isFirst)
            return
        }
        state = .finishing
        flush()
    }

    /// Not even a refusal finds memory. It goes by itself, where nothing goes before it and the socket takes
    /// it; otherwise the client hears nothing.
    private func refuseWithoutMemory(_ text: String, isFirst: Bool) {
        var text = text
        guard isFirst, transport.write(&text) else {
            drop()
            return
        }
        if let outgoing { evbuffer_free(outgoing) }
        outgoing = nil
        state = .finishing
        flush()
    }

    /// Closes at once. What was not yet sent is lost; a request in a handler's hands is forgotten.
    func drop() {
        guard state != .closed else { return }
        lingers = false
        freeEvhttpConnection()
        closeSocket()
    }

    /// The last reply has gone: closes the socket, gently where the client may have sent more than we read.
    func finishClosing() {
        guard state != .closed, state != .lingering else { return }
        if lingers || transport.mayRead || reader.hasBacklog, !transport.peerHasFinished {
            state = .lingering
            forgetWhatIsHeld()
            setDeadline(ticks: server.limits.lingerTicks)
            transport.wakeUp(atBytes: 1)
            server.queue.append(self)
        } else {
            closeSocket()
        }
    }

    /// Drops what comes in, until the client closes, has sent too much, or the deadline has passed.
    func discardInput() {
        // Many bytes may come from many who are refused, and others wait meanwhile.
        switch transport.discard(atMost: Self.discardedBytesPerTurn) {
        case .bytes(let count): lingeredBytes += count
        case .nothing where !transport.mayRead: return
        case .nothing: break
        case .end, .failed, .noMemory: lingeredBytes = .max
        }
        if lingeredBytes > Self.maximumLingeredBytes {
            closeSocket()
            return
        }
        // The whole body has come: evhttp ends our side of the stream (shutdown(2)).
        if lingeredBytes >= bytesToDrain { freeEvhttpConnection() }
        server.queue.append(self)
    }

    func closeSocket() {
        guard state != .closed else { return }
        requestEnds(nil, bodyBytes: 0)
        freeEvhttpConnection()
        state = .closed
        forgetWhatIsHeld()
        _ = claim.set(heldBytes: 0)
        transport.close()
        server.remove(self)
    }

    private func forgetWhatIsHeld() {
        reader.removeAll()
        releaseRequest()
        if let outgoing { evbuffer_free(outgoing) }
        outgoing = nil
        outgoingTotal = 0
    }

    /// The server begins to stop: a connection goes after its last reply.
    ///
    /// An idle one goes a moment later: a busy client's next request may be on its way, and would be
    /// lost without a word if we closed right now.
    func drain() {
        guard isIdle else { return }
        setDeadline(ticks: server.limits.drainTicks)
    }
}
