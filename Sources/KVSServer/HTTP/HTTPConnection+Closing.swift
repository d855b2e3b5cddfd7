import CLibevent
import Glibc

/// The ways in which a connection ends.
extension HTTPConnection {
    /// What a client may still send, unread, after its last reply.
    private static let maximumLingeredBytes = 64 << 20

    /// Answers for the guard, and closes: not one byte more is taken for a request.
    func refuse(_ refusal: Refusal) {
        let date = String(cString: server.replyFields.dateText())
        EventBuffer(pointer: outgoingBuffer()).append(ErrorBody.refusal(refusal, date: date))
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

    /// The server begins to stop: an idle connection goes at once, after a last look for bytes that
    /// have arrived; any other after its reply.
    func drain() {
        guard isIdle else { return }
        mayRead = true
        readAvailable()
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
