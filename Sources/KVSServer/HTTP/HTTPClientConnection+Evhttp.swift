import CLibevent

/// What evhttp says, and what it makes of a complete reply.
extension HTTPClientConnection {
    /// evhttp closes its side, and then the socket.
    func evhttpCloses() {
        evhttpHasClosed = true
        stopWatching()
    }

    /// - Parameter message: nil, or without a status, where there is no reply.
    func evhttpHasFinished(_ message: UnsafeMutablePointer<evhttp_request>?) {
        guard let message, evhttp_request_get_response_code(message) != 0,
            let head = reader.head, state.phase == .awaitingReply
        else {
            // While it connects, this is a failure of our own side; once it was shown a connected socket, a
            // reset that has come a moment later. Others are ours to notice.
            fail(state.phase == .connecting && !isSocketOfEvhttp ? .local : .lost)
            return
        }
        finished = HTTPClientReply(
            head: head,
            headBytes: reader.takeHeadBytes(),
            message: message,
            claim: claim.take()
        )
    }

    /// Lets evhttp parse a complete reply, and hands it over.
    func deliver() {
        bufferevent_trigger(bufferevent, Int16(EV_READ), 0)
        guard let reply = finished.take() else {
            fail(.lost)
            return
        }
        // Bytes behind the reply answer nothing that was asked: the connection is out of step.
        let isReusable =
            !reply.head.closesConnection && !evhttpHasClosed && !peerHasFinished
            && !reader.hasSurplus
        let action = state.handle(.replied(isReusable: isReusable))
        guard action == .deliver(isReusable: isReusable) else { return }
        mayRead = false
        if !isReusable { stopWatching() }
        owner?.didReceive(reply, isReusable: isReusable)
    }
}
