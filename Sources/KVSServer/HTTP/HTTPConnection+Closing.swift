import CLibevent
import Glibc

/// The ways in which a connection ends.
extension HTTPConnection {
    /// What a client may still send, unread, after its last reply.
    private static let maximumLingeredBytes = 64 << 20

    /// Whether the request that is being read is known to be a HEAD.
    private var refusesHead: Bool {
        if let method = parser.method { return method == .head }
        if case .head = phase { return false }
        return head.method == .head
    }

    /// Answers for the guard, and closes: not one byte more is taken for a request.
    func refuse(_ refusal: Refusal) {
        let date = String(cString: server.replyFields.dateText())
        EventBuffer(pointer: outgoingBuffer()).append(
            ErrorBody.refusal(refusal, date: date, withBody: !refusesHead)
        )
        phase = .head
        partialHead = []
        backlog = []
        backlogStart = 0
        closesAfterFlush = true
        lingers = refusal != .requestTimedOut
        state = .flushing
        releaseReservedBytes()
        flush()
    }

    /// Closes at once. What was not yet sent is lost; a request in a handler's hands is forgotten.
    func drop() {
        guard state != .closed else { return }
        lingers = false
        freeEvhttpConnection()
        closeSocket()
    }

    /// evhttp's side has gone, by its own decision or ours: closes the socket, gently where the client
    /// may have sent more than we read.
    func finishClosing() {
        guard state != .closed, state != .lingering else { return }
        if lingers || mayRead || !backlog.isEmpty, !peerHasFinished {
            // evhttp has sent our FIN (shutdown(2)) already.
            state = .lingering
            backlog = []
            setDeadline(ticks: server.limits.lingerTicks)
            discardInput()
        } else {
            closeSocket()
        }
    }

    /// Reads and drops, until the client closes, has sent too much, or the deadline has passed.
    func discardInput() {
        for _ in 0..<16 {
            let count = read(descriptor, server.scratch.baseAddress, server.scratch.count)
            if count < 0, errno == EAGAIN { return }
            lingeredBytes += max(count, 0)
            if count <= 0 || lingeredBytes > Self.maximumLingeredBytes {
                closeSocket()
                return
            }
        }
        server.giveTurnLater(to: self)
    }

    func closeSocket() {
        guard state != .closed else { return }
        state = .closed
        releaseReservedBytes()
        invalidateEvent()
        close(descriptor)
        server.remove(self)
    }

    /// The server begins to stop: a connection goes after its last reply.
    ///
    /// An idle one goes a moment later: a busy client's next request may be on its way, and would be
    /// lost without a word if we closed right now.
    func drain() {
        guard isIdle else { return }
        setDeadline(ticks: server.limits.drainTicks)
    }

    /// The end of a wait for a request: a last look for bytes that have come, then the connection goes.
    func expireIdle() {
        mayRead = true
        readAvailable()
        if isIdle { drop() }
    }

    /// Another turn, after ``HTTPServer/giveTurnLater(to:)``.
    func takeTurn() {
        switch state {
        case .reading: resume()
        case .lingering: discardInput()
        case .awaitingReply, .flushing, .closed: break
        }
    }
}
