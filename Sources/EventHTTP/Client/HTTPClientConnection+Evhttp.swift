import Basics
import CLibevent
import EventLoops
import Wire

/// What evhttp says of itself, and hears of a complete reply.
extension HTTPClientConnection {
    /// evhttp closes its side, and then the socket.
    func evhttpCloses() {
        evhttpHasClosed = true
        stopWatching()
    }

    /// - Parameter message: nil, or without a status, where there is no reply.
    func evhttpHasFinished(_ message: UnsafeMutablePointer<evhttp_request>?) {
        guard let message, evhttp_request_get_response_code(message) != 0,
            reader.hasHead, state.phase == .awaitingReply
        else {
            // While it connects, this is a failure of our own side; once it was shown a connected socket, a
            // reset that has come a moment later. Others are ours to notice.
            fail(state.phase == .connecting && !isSocketOfEvhttp ? .local : .lost)
            return
        }
        isFinished = true
    }

    /// Hands a complete reply over. evhttp hears that there is one, and nothing else of it.
    func deliver() {
        let input = EventBuffer(pointer: bufferevent_get_input(bufferevent))
        guard count(heldBytes: body?.count ?? 0), input.append("HTTP/1.1 204 No Content\r\n\r\n"),
            let body = try? bodyBuffer()
        else {
            fail(.overloaded)
            return
        }
        isFinished = false
        bufferevent_trigger(bufferevent, Int16(EV_READ), 0)
        guard isFinished else {
            fail(.lost)
            return
        }
        self.body = nil
        let reply = HTTPClientReply(
            head: reader.head,
            headBytes: reader.takeHeadBytes(),
            body: body,
            claim: claim.take()
        )
        // Bytes behind the reply answer nothing that was asked: the connection is out of step.
        let isReusable =
            !reply.head.closesConnection && !evhttpHasClosed && transport?.peerHasFinished == false
            && !reader.hasSurplus
        let action = state.handle(.replied(isReusable: isReusable))
        guard action == .deliver(isReusable: isReusable) else { return }
        transport?.forgetInput()
        if !isReusable { stopWatching() }
        owner?.didReceive(reply, isReusable: isReusable)
    }
}
