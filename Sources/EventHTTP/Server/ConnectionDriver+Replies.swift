import EventLoops
import Glibc
import Wire

/// From a handler's reply to the socket, and the end.
extension ConnectionDriver {
    // MARK: - From a handler

    /// Answers a request. The reply is sent when the handler returns, or at once where it comes later, from
    /// the loop's queue.
    ///
    /// Nothing happens where the request is no longer the one that waits.
    func reply(
        to number: UInt64,
        _ status: HTTPStatus,
        _ contentType: ContentType,
        fields: [(StaticString, String)],
        lines: (inout ReplyLines) -> Void = { _ in },
        headLength: Int? = nil,
        body: (EventBuffer) -> Bool
    ) {
        guard isAwaited(number) else { return }
        intake.dropBody()
        let output = peer.replyBody
        var status = status
        var length: Int
        if head.method == .head, let headLength {
            length = headLength
        } else {
            guard body(output) else {
                replyFailed(status.code)
                return
            }
            length = output.count
        }
        if length > BufferClaim.freeBytes, head.method != .head,
            !claim.set(heldBytes: heldBytes + length)
        {
            // The client may be slow, and its reply must wait somewhere.
            output.removeAll()
            status = Refusal.serverIsFull.status
            guard output.append(world.ownAnswers.body(of: .refusal(.serverIsFull))) else {
                replyFailed(status.code)
                return
            }
            length = output.count
        }
        // evhttp would send the body of a reply to HEAD. It was work all the same.
        if head.method == .head, !output.isEmpty {
            state.spend(bytes: length)
            output.removeAll()
        }
        let persistence = decidePersistence()
        guard
            peer.prepare(
                contentType,
                persistence,
                id: requestID,
                // RFC 9110 §8.6: a 204 says nothing of a length, and of a 304 nobody asks for it.
                length: contentType == .none ? nil : length,
                fields: fields,
                lines: lines
            )
        else {
            replyFailed(status.code)
            return
        }
        print(status.code, status.reason.cString, length: length)
    }

    /// Hands another server's reply on.
    func reply(to number: UInt64, relaying reply: HTTPClientReply) {
        guard isAwaited(number) else { return }
        intake.dropBody()
        claim.add(reply.takeClaim())
        let output = peer.replyBody
        let code = reply.head.status
        let length =
            reply.head.framing == .none ? reply.head.lengthWithoutBody : reply.body.count
        guard output.moveAll(from: reply.body),
            peer.prepare(relaying: reply, decidePersistence(), id: requestID, length: length)
        else {
            replyFailed(code)
            return
        }
        print(code, reply.reason, length: length)
    }

    /// A handler let go of the request without a reply: a fault of ours, which the client must not pay
    /// for by waiting.
    func requestWasDropped(_ number: UInt64) {
        guard isAwaited(number) else { return }
        world.report(.droppedRequest)
        reply(to: number, .internalServerError, .json, fields: []) {
            $0.append(world.ownAnswers.body(of: .droppedRequest))
        }
    }

    private func isAwaited(_ number: UInt64) -> Bool {
        guard case .awaitingReply = state.phase else { return false }
        return !hasLost(number)
    }

    /// Whether the connection goes on behind the present reply, and what tells the client.
    private func decidePersistence() -> Persistence {
        state.decideWhetherLast(
            requestCloses: head.closesConnection,
            // The kernel may have something of which no edge has told yet.
            serverStops: world.isDraining && !stream.hasInput(),
            self
        )
        return Persistence(isVersion11: head.isVersion11, isLast: state.replyIsLast)
    }

    /// The common end of all replies: fields and body are ready.
    ///
    /// - Parameter length: nil where nobody knows it: of a reply without a body to a HEAD.
    private func print(_ code: Int, _ reason: UnsafePointer<CChar>, length: Int?) {
        let isLast = state.replyIsLast
        let isPrinted = peer.reply(
            code,
            reason,
            version11: head.isVersion11,
            isLast: isLast,
            // Rounded down, so that nobody counts on more than there is.
            idleSeconds: head.asksForTimeout && !isLast ? world.limits.idleSeconds : nil
        )
        guard isPrinted else {
            replyFailed(code)
            return
        }
        requestEnds(code, bodyBytes: length ?? 0)
        goOn(with: .replied)
    }

    private func replyFailed(_ code: Int) {
        let isWrite = head.method != .get && head.method != .head
        peer.clear()
        goOn(with: .replyFailed(mayHaveActed: isWrite && (code < 300 || code == 404)))
    }

    // MARK: - To the socket

    /// Puts evhttp's reply behind those that wait, so that one write sends them all, or writes it.
    func send(directly: Bool) {
        let output = peer.output
        let length = output.count
        state.spend(bytes: length)
        replies.heldBytes += length
        if directly, !write(output) { return }
        if !output.isEmpty {
            guard replies.append(movingAll: output) else {
                state.handle(.sendingFailed, self)
                return
            }
        } else if replies.isEmpty {
            replies.heldBytes = 0
        }
        // Of the last reply evhttp hears when it has gone: it ends the stream as soon as it hears that.
        if !state.replyIsLast { peer.replyHasLeft() }
        state.handle(peer.hasGone ? .peerHasGone : .sent, self)
    }

    /// Sends what waits. Where the socket takes no more, the rest goes when it does.
    func flush() {
        guard let buffer = replies.waiting(), write(buffer) else { return }
        if !stream.isFull { replies.removeAll() }
    }

    /// Writes until the buffer is empty or the socket full.
    ///
    /// - Returns: False where the connection has failed.
    private func write(_ buffer: EventBuffer) -> Bool {
        releaseWhatHasGone()
        var failure: Int32 = 0
        claim.whileLent(buffer.count) {
            failure = stream.write(buffer)
            return failure == 0 && !stream.isFull
        }
        if failure != 0 { state.handle(.sendingFailed, self) }
        return failure == 0
    }

    // MARK: - The end

    /// Answers for the guard, and closes: not one byte more is taken for a request.
    func refuse(_ refusal: Refusal, dropping dropped: Int) {
        let body = world.ownAnswers.body(of: .refusal(refusal))
        let rest = intake.reader.rest(besides: dropped)
        var text = refusal.reply(
            body: body,
            date: peer.dateText(),
            id: String(decoding: requestID, as: UTF8.self),
            withBody: intake.reader.method != .head
        )
        requestEnds(refusal.status.code, bodyBytes: body.utf8.count, because: refusal)
        peer.clear()
        intake.removeAll()
        // Without memory even for that it goes by itself, where nothing goes before it and the socket takes
        // it; otherwise the client hears nothing.
        let isReady = replies.append(text) || (replies.isEmpty && stream.write(&text))
        state.handle(isReady ? .refusalIsReady(rest: rest) : .sendingFailed, self)
    }

    /// The last reply has gone: closes the socket, gently where the client may have sent more than we read.
    func linger() {
        forgetWhatIsHeld()
        setDeadline(ticks: world.limits.lingerTicks)
        stream.wakeUp(atBytes: 1)
    }

    /// Drops what comes in, until the client closes, has sent too much, or the deadline has passed.
    func discard() {
        // Many bytes may come from many who are refused, and others wait meanwhile.
        state.handle(.discarded(stream.discard(atMost: 1 << 20)), self)
        // The whole body has come.
        if state.hasDrainedBody { peer.end() }
    }

    func close() {
        requestEnds(nil, bodyBytes: 0)
        peer.end()
        state.handle(.closed, self)
        forgetWhatIsHeld()
        _ = claim.set(heldBytes: 0)
        stream.close()
        world.remove()
    }

    private func forgetWhatIsHeld() {
        intake.removeAll()
        replies.removeAll()
    }
}
