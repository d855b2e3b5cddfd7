import Basics
import CLibevent
import EventLoops
import Wire

/// From the guard to the handler, one complete request at a time.
///
/// evhttp gets to see `GET / HTTP/1.1` and nothing else, or `HEAD`, whose reply has no body: what the
/// request is was read by the guard, and nobody reads it again, in another way perhaps. Each field would
/// cost evhttp three allocations and several comparisons by name besides.
extension HTTPConnection {
    /// Lets the reader take bytes.
    ///
    /// - Parameters:
    ///   - rest: How many bytes have come and are not used up yet.
    ///   - take: Has the reader take some of them.
    func advance(
        _ rest: inout Int,
        _ take: (_ append: (UnsafeRawBufferPointer) throws(Refusal) -> Void) throws(Refusal) ->
            RequestReader.Step
    ) throws(Refusal) {
        let hadBegun = reader.hasBegun
        let step: RequestReader.Step
        do throws(Refusal) {
            step = try take { piece throws(Refusal) in
                guard try bodyBuffer().append(piece) else { throw .serverIsFull }
            }
        } catch {
            if !hadBegun { requestHasBegun() }
            throw error
        }
        if !hadBegun, reader.hasBegun || step.hasEndedHead { requestHasBegun() }
        rest -= step.consumed
        if step.hasEndedHead { try headIsThere(behind: rest) }
    }

    /// A request's first byte has come. From now on its time runs, whatever the rhythm of the others.
    private func requestHasBegun() {
        deadlineIsForIdle = false
        setDeadline(ticks: server.limits.requestTicks)
        assert(requestStart == nil, "a request has begun before the end of the one in front of it")
        requestStart = server.observer == nil ? .distantPast : .now
    }

    /// The one way out for a request, whoever answers it, and if nobody does. Does nothing where there is
    /// none.
    ///
    /// - Parameter status: Of the reply; nil where the client gets none.
    func requestEnds(_ status: Int?, bodyBytes: Int) {
        guard let start = requestStart.take() else { return }
        server.observer?.requestHasEnded(
            RequestRecord(
                method: reader.method,
                start: start,
                status: status,
                bodyBytes: bodyBytes
            )
        )
    }

    private func headIsThere(behind: Int) throws(Refusal) {
        guard server.hasMemoryForRequest() else { throw .serverIsFull }
        if let length = reader.remainingContent, behind > 0, claim.room >= length {
            // In one run, or all of it would be copied to be so. Without memory the rest is refused.
            _ = try bodyBuffer().reserve(length)
        }
        if head.expectsContinue, behind == 0 {
            let output = EventBuffer(pointer: try outgoingBuffer())
            guard output.append("HTTP/1.1 100 Continue\r\n\r\n") else { throw .serverIsFull }
        }
    }

    /// Where the body of the present request is collected.
    func bodyBuffer() throws(Refusal) -> EventBuffer {
        if let body { return body }
        guard let buffer = evbuffer_new() else { throw .serverIsFull }
        body = EventBuffer(pointer: buffer)
        return EventBuffer(pointer: buffer)
    }

    /// Frees the body, and forgets the head: nobody asks for them any more.
    func releaseRequest() {
        reader.finish()
        if let body { evbuffer_free(body.pointer) }
        body = nil
    }

    /// The reader has a whole request: lets evhttp make one of its own, and calls the handler.
    func requestIsComplete() {
        // A handler may keep the body for long. And before anything is done, there is room for the reply.
        let input = EventBuffer(pointer: bufferevent_get_input(bufferevent))
        let output = EventBuffer(pointer: bufferevent_get_output(bufferevent))
        let line: StaticString =
            head.method == .head ? "HEAD / HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\n\r\n"
        guard !LibeventMemory.isShort, countInput(), output.reserve(Self.ownFieldBytes),
            input.append(line)
        else {
            refuse(.serverIsFull)
            return
        }
        state = .awaitingReply
        spend(bytes: 0)
        server.withCurrent(self) {
            bufferevent_trigger(bufferevent, Int16(EV_READ), 0)
        }
        switch state {
        case .replied: replyIsReady()
        case .awaitingReply where request == nil:
            guard connection != nil else {
                finishClosing()
                return
            }
            if replyFailure == nil {
                // It had no memory for a request of its own.
                server.logger.error("evhttp did not take a request")
            }
            endWithoutReply()
        case .awaitingReply, .reading, .finishing, .lingering, .closed: break
        }
    }

    /// evhttp's generic callback: it has read the line.
    func requestHasArrived(_ request: UnsafeMutablePointer<evhttp_request>) {
        self.request = request
        requestNumber += 1
        server.handler.handle(HTTPRequest(on: self, number: requestNumber))
    }
}
