import CLibevent
import EventLoops
import Wire

/// Replies on their way to the socket.
extension HTTPConnection {
    /// Pipelined replies are collected up to about this many bytes before they are sent together.
    static let batchBytes = 65_536

    func outgoingBuffer() throws(Refusal) -> OpaquePointer {
        if let outgoing { return outgoing }
        guard let buffer = evbuffer_new() else { throw .serverIsFull }
        outgoing = buffer
        return buffer
    }

    var outgoingCount: Int { outgoing.map { evbuffer_get_length($0) } ?? 0 }

    /// evhttp has written its reply into its output: sends it, or puts it behind those that wait, so that
    /// one write sends them all.
    func replyIsReady() {
        if connection == nil {
            finishClosing()
            return
        }
        let output: OpaquePointer = bufferevent_get_output(bufferevent)
        let length = evbuffer_get_length(output)
        spend(bytes: length)
        outgoingTotal += length
        if replyIsLast {
            // evhttp ends the stream as soon as it hears that all is written: it hears that late.
            state = .finishing
            closesAfterFlush = true
            flush()
            return
        }
        if outgoing == nil, !reader.hasBacklog, !write(output) { return }
        if evbuffer_get_length(output) > 0 {
            guard let buffer = try? outgoingBuffer(), evbuffer_add_buffer(buffer, output) == 0
            else {
                drop()
                return
            }
        } else if outgoing == nil {
            outgoingTotal = 0
        }
        replyIsWritten()
    }

    /// Sends what waits. Where the socket takes no more, the rest goes when it does.
    func flush() {
        guard !transport.isFull else { return }
        if let outgoing {
            if replyIsQueued, replyIsLast,
                evbuffer_add_buffer(outgoing, bufferevent_get_output(bufferevent)) != 0
            {
                drop()
                return
            }
            guard write(outgoing) else { return }
            if transport.isFull { return }
            evbuffer_free(outgoing)
            self.outgoing = nil
            outgoingTotal = 0
        } else if replyIsQueued, replyIsLast {
            let output: OpaquePointer = bufferevent_get_output(bufferevent)
            guard write(output) else { return }
            if transport.isFull { return }
        }
        guard state == .finishing else { return }
        outgoingTotal = 0
        if replyIsQueued { replyIsWritten() }
        guard state == .finishing else { return }
        if bytesToDrain == 0 { freeEvhttpConnection() }
        finishClosing()
    }

    /// Writes until the buffer is empty or the socket full.
    ///
    /// - Returns: False where the connection has failed, and is closed.
    private func write(_ buffer: OpaquePointer) -> Bool {
        var failure: Int32 = 0
        releaseWhatHasGone()
        claim.whileLent(evbuffer_get_length(buffer)) {
            failure = transport.write(buffer)
            return failure == 0 && !transport.isFull
        }
        if failure != 0 { drop() }
        return failure == 0
    }

    /// Tells evhttp that its reply has been written: it frees the request, and its connection where
    /// that was the last one.
    private func replyIsWritten() {
        replyIsQueued = false
        bufferevent_trigger(bufferevent, Int16(EV_WRITE), 0)
        if connection == nil {
            if outgoing != nil {
                // evhttp has no memory for another request. This reply still goes.
                closesAfterFlush = true
                state = .finishing
                flush()
            } else {
                finishClosing()
            }
        } else if state == .replied {
            state = .reading
        }
    }
}
