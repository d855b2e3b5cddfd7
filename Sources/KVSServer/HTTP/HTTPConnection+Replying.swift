import CLibevent
import Glibc

/// From a handler's reply to the socket.
extension HTTPConnection {
    /// Hands a reply to evhttp and sends it, or leaves the sending to the frames below.
    ///
    /// Nothing happens where the request is no longer the one that waits.
    func reply(
        to number: UInt64,
        _ status: HTTPStatus,
        _ contentType: ContentType,
        fields: [(StaticString, String)],
        body: (EventBuffer) -> Void
    ) {
        guard number == requestNumber, let request, state == .awaitingReply else { return }
        let output = EventBuffer(pointer: evhttp_request_get_output_buffer(request))
        body(output)
        let length = output.count
        // evhttp would send the body of a reply to HEAD.
        if head.method == .head { output.removeAll() }
        let list = HeaderList(pointer: evhttp_request_get_output_headers(request))
        for (name, value) in fields { list.add(name, value) }
        server.replyFields.prepare(contentType)
        send(request, status.code, status.reason.cString, list, contentLength: length)
    }

    /// Hands another server's reply on.
    func reply(to number: UInt64, relaying reply: HTTPClientReply) {
        guard number == requestNumber, let request, state == .awaitingReply else { return }
        let output = EventBuffer(pointer: evhttp_request_get_output_buffer(request))
        output.moveAll(from: reply.body)
        // A reply to HEAD has no body, but says how long it would be.
        let length = head.method == .head ? reply.announcedLength : output.count
        let list = HeaderList(pointer: evhttp_request_get_output_headers(request))
        server.replyFields.prepare(relaying: reply.fields)
        send(request, reply.statusCode, reply.reason, list, contentLength: length)
    }

    /// The common end of all replies: the fields and the request's output buffer are ready.
    private func send(
        _ request: UnsafeMutablePointer<evhttp_request>,
        _ code: Int,
        _ reason: UnsafePointer<CChar>,
        _ list: HeaderList,
        contentLength: Int
    ) {
        // A server that stops still answers what has arrived behind this request.
        let isLast = server.isDraining && !hasUnreadRequests && backlog.isEmpty && !mayRead
        let closes = isLast || closesAfterFlush || head.closesConnection
        if !head.isVersion11 {
            // evhttp looks at the first of several Connection fields only, and at its beginning: it gets
            // what the guard made of all of them. Without `keep-alive` it closes.
            inputFields?.remove("Connection")
            if !closes { inputFields?.add("Connection", "keep-alive") }
        } else if closes {
            list.add("Connection", "close")
        }
        self.request = nil
        state = .flushing
        replyIsQueued = true
        server.replyFields.lend(to: list, contentLength: contentLength) {
            evhttp_send_reply(request, Int32(code), reason, nil)
        }
        if !isProcessing { flushAndGoOn() }
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

    // MARK: - Sending

    func outgoingBuffer() -> OpaquePointer {
        if let outgoing { return outgoing }
        guard let buffer = evbuffer_new() else { fatalError("libevent: no memory for a buffer") }
        outgoing = buffer
        return buffer
    }

    var outgoingCount: Int { outgoing.map { evbuffer_get_length($0) } ?? 0 }

    /// Puts evhttp's reply behind those that wait, so that one write sends them all, and lets evhttp
    /// read the next request.
    func batchReply() {
        let output = bufferevent_get_output(bufferevent)
        evbuffer_add_buffer(outgoingBuffer(), output)
        replyIsWritten()
    }

    /// Sends what waits. Afterwards the state is `.reading` if all of it has gone.
    func flush() {
        let output: OpaquePointer = bufferevent_get_output(bufferevent)
        let source: OpaquePointer
        if let outgoing {
            evbuffer_add_buffer(outgoing, output)
            source = outgoing
        } else {
            source = output
        }
        while evbuffer_get_length(source) > 0 {
            if evbuffer_write(source, descriptor) >= 0 { continue }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                state = .flushing
                return
            default:
                drop()
                return
            }
        }
        if let outgoing {
            evbuffer_free(outgoing)
            self.outgoing = nil
        }
        allIsWritten()
    }

    private func allIsWritten() {
        if replyIsQueued {
            replyIsWritten()
            guard state == .reading else { return }
        }
        if closesAfterFlush {
            freeEvhttpConnection()
            finishClosing()
            return
        }
        state = .reading
        if isIdle { setDeadline(ticks: server.limits.idleTicks) }
    }

    /// Tells evhttp that its reply has been written: it frees the request, and its connection where
    /// that was the last one.
    private func replyIsWritten() {
        replyIsQueued = false
        bufferevent_trigger(bufferevent, Int16(EV_WRITE), 0)
        if connection == nil {
            finishClosing()
        } else {
            state = .reading
        }
    }

    /// Sends what waits and, if all of it has gone, goes on reading.
    func flushAndGoOn() {
        flush()
        if state == .reading { resume() }
    }
}
