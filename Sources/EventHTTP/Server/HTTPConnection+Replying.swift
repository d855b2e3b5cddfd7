import CLibevent
import EventLoops
import Wire

/// From a handler's reply to evhttp, which prints its head.
extension HTTPConnection {
    /// Hands a reply to evhttp. It is sent when the handler returns, or at once where the reply comes
    /// later, from the loop's queue.
    ///
    /// Nothing happens where the request is no longer the one that waits.
    func reply(
        to number: UInt64,
        _ status: HTTPStatus,
        _ contentType: ContentType,
        fields: [(StaticString, String)],
        headLength: Int? = nil,
        body: (EventBuffer) -> Bool
    ) {
        guard number == requestNumber, let request, state == .awaitingReply else { return }
        releaseRequest()
        let output = EventBuffer(pointer: evhttp_request_get_output_buffer(request))
        var status = status
        var length: Int
        if head.method == .head, let headLength {
            length = headLength
        } else {
            guard body(output) else {
                thereIsNoMemory(forReply: status.code)
                return
            }
            length = output.count
        }
        if length > BufferClaim.freeBytes, head.method != .head,
            !claim.set(heldBytes: outgoingTotal + reader.heldBytes + length)
        {
            // The client may be slow, and its reply must wait somewhere.
            output.removeAll()
            status = Refusal.serverIsFull.status
            guard ErrorBody.append(Refusal.serverIsFull.message.description, to: output) else {
                thereIsNoMemory(forReply: status.code)
                return
            }
            length = output.count
        }
        // evhttp would send the body of a reply to HEAD. It was work all the same.
        if head.method == .head, !output.isEmpty {
            spend(bytes: length)
            output.removeAll()
        }
        let list = HeaderList(pointer: evhttp_request_get_output_headers(request))
        guard fields.allSatisfy({ list.add($0.0, $0.1) }) else {
            thereIsNoMemory(forReply: status.code)
            return
        }
        server.replyFields.prepare(contentType, decidePersistence())
        send(request, status.code, status.reason.cString, list, contentLength: length)
    }

    /// Hands another server's reply on.
    func reply(to number: UInt64, relaying reply: HTTPClientReply) {
        guard number == requestNumber, let request, state == .awaitingReply else { return }
        releaseRequest()
        claim.add(reply.takeClaim())
        let output = EventBuffer(pointer: evhttp_request_get_output_buffer(request))
        let code = reply.head.status
        guard output.moveAll(from: reply.body),
            server.replyFields.prepare(relaying: reply, decidePersistence())
        else {
            thereIsNoMemory(forReply: code)
            return
        }
        let length = reply.head.framing == .none ? reply.head.lengthWithoutBody : output.count
        let list = HeaderList(pointer: evhttp_request_get_output_headers(request))
        send(request, code, reply.reason, list, contentLength: length)
    }

    /// Whether the connection goes on behind the present reply, and what tells the client.
    private func decidePersistence() -> Persistence {
        // A server that stops still answers what has arrived behind this request.
        let stops = server.isDraining && !reader.hasBacklog && !transport.mayRead
        replyIsLast = stops || closesAfterFlush || head.closesConnection
        return Persistence(isVersion11: head.isVersion11, isLast: replyIsLast)
    }

    /// The common end of all replies: the fields and the request's output buffer are ready.
    private func send(
        _ request: UnsafeMutablePointer<evhttp_request>,
        _ code: Int,
        _ reason: UnsafePointer<CChar>,
        _ list: HeaderList,
        contentLength: Int?
    ) {
        let output = EventBuffer(pointer: bufferevent_get_output(bufferevent))
        // evhttp prints line by line, and passes over those that it has no memory for.
        var isWhole = output.reserve(Self.ownFieldBytes + server.replyFields.preparedBytes)
        if head.asksForTimeout, !replyIsLast {
            // RFC 2068 §19.7.1.1. Rounded down, so that nobody counts on more than there is.
            let timeout = "timeout=\(server.limits.idleSeconds)"
            isWhole = list.add("Keep-Alive", timeout) && isWhole
        }
        guard isWhole else {
            thereIsNoMemory(forReply: code)
            return
        }
        // evhttp prints the version, and closes behind a reply of HTTP/1.0.
        if !head.isVersion11 { request.pointee.minor = 0 }
        server.replyFields.lend(to: list, contentLength: contentLength) {
            evhttp_send_reply(request, Int32(code), reason, nil)
        }
        request.pointee.minor = replyIsLast ? 0 : 1
        // evhttp copies the reason.
        guard evhttp_request_get_response_code_line(request) != nil else {
            thereIsNoMemory(forReply: code)
            return
        }
        requestEnds(code, bodyBytes: contentLength ?? 0)
        self.request = nil
        state = .replied
        replyIsQueued = true
        guard !isEntered else { return }
        enter {
            replyIsReady()
            goOn()
        }
    }

    /// The room for what evhttp prints beside the fields of ``ReplyFields``, and what printing wants beyond.
    static let ownFieldBytes = 640

    /// There is no memory for a reply. Who has only asked is refused. But where something has been done, or
    /// may have been, no other answer is true: the client hears none.
    private func thereIsNoMemory(forReply code: Int) {
        let isWrite = head.method != .get && head.method != .head
        replyFailure = isWrite && (code < 300 || code == 404) ? .unheard : .refused
        request = nil
        // evhttp may be on the stack: then requestIsComplete() goes on from here.
        guard !isEntered else { return }
        enter { endWithoutReply() }
    }

    /// A request is not answered as it should be, for lack of memory.
    func endWithoutReply() {
        EventBuffer(pointer: bufferevent_get_output(bufferevent)).removeAll()
        if replyFailure == .unheard { drop() } else { refuse(.serverIsFull) }
    }

    /// A handler let go of the request without a reply: a fault of ours, which the client must not pay
    /// for by waiting.
    func requestWasDropped(_ number: UInt64) {
        guard number == requestNumber, request != nil, state == .awaitingReply else { return }
        server.logger.error("a request was dropped without a reply")
        reply(to: number, .internalServerError, .json, fields: []) {
            ErrorBody.append("internal error", to: $0)
        }
    }
}
