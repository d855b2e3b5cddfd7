package import Basics
import CLibevent
package import EventLoops
import Glibc
package import Wire

/// Whoever owns a client connection. All calls come on the loop's thread, and may come on the stack of
/// ``HTTPClientConnection/send(_:addFields:)``: they must not call the connection back.
package protocol HTTPClientConnectionOwner: AnyObject {
    /// What the budget counts for the client of the present request elsewhere.
    var bytesHeldForClient: Int { get }
    func hasConnected()
    /// The kernel has taken bytes of the present request; once for each request.
    func bytesHaveLeft()
    /// Bytes have come from the peer.
    func bytesHaveCome()
    /// A whole reply has come.
    func didReceive(_ reply: HTTPClientReply, isReusable: Bool)
    /// Nothing more will come of the connection: let go of it, and call
    /// ``HTTPClientConnection/destroy()`` from outside of any callback of it.
    func didFail(_ failure: ConnectionFailure)
}

/// One connection to another server, through evhttp's client, with one request at a time.
///
/// evhttp makes the socket and prints requests. The socket is ours from the moment at which evhttp has made
/// it, so that we see why connecting fails; replies pass our own grammar, and evhttp sees no byte of
/// them (``HTTPClientConnection/readAvailable()``). For use on the loop's thread only.
package final class HTTPClientConnection: TransportHandler, LoopTask {
    /// What is sent.
    package struct Request {
        package let method: HTTPMethod
        /// Visible ASCII: a space or a line break would split the request.
        package let target: String
        /// Of a PUT or POST, whose length evhttp adds. It stays where it is, and is sent by reference.
        package let body: EventBuffer?

        package init(method: HTTPMethod, target: String, body: EventBuffer?) {
            self.method = method
            self.target = target
            self.body = body
        }
    }

    // Safe: used on the loop's thread only, and no access lasts while evhttp or the owner is called. So also
    // below. (Measured: the checks took 800 instructions of a relayed GET.)
    @exclusivity(unchecked) var state = HTTPClientState()
    let surroundings: LoopSurroundings
    let maximumReplyBytes: Int
    // Safe: the owner holds the connection, and so outlives it. Set before the first request.
    @exclusivity(unchecked) package unowned(unsafe) var owner: (any HTTPClientConnectionOwner)?
    let evhttpConnection: OpaquePointer
    let bufferevent: Bufferevent
    /// nil until evhttp has made a socket.
    var transport: Transport?
    /// Whether the socket is evhttp's to close: once it has been told that it is connected.
    var isSocketOfEvhttp = false
    var evhttpHasClosed = false
    @exclusivity(unchecked) var reader: ReplyReader
    /// The body of the reply that comes in.
    var body: EventBuffer?
    /// What the reply takes of the budget while it comes in.
    @exclusivity(unchecked) var claim: BufferClaim
    /// Whether evhttp has taken the present reply for complete.
    var isFinished = false
    var hasSentBytes = false
    private var isDestroyed = false
    @exclusivity(unchecked) package var isQueued = false

    /// - Parameter maximumReplyBytes: A longer body of a reply is a failure.
    package init(
        _ surroundings: LoopSurroundings,
        address: SocketAddress,
        maximumReplyBytes: Int
    ) throws(SystemError) {
        self.surroundings = surroundings
        self.maximumReplyBytes = maximumReplyBytes
        guard !LibeventMemory.isShort else { throw SystemError("malloc", errno: ENOMEM) }
        guard let bufferevent = bufferevent_socket_new(surroundings.loop.base, -1, 0) else {
            throw SystemError("bufferevent_socket_new")
        }
        guard
            let connection = evhttp_connection_base_bufferevent_new(
                surroundings.loop.base,
                nil,
                bufferevent,
                address.host,
                address.port
            )
        else {
            bufferevent_free(bufferevent)
            throw SystemError("evhttp_connection_base_bufferevent_new")
        }
        evhttpConnection = connection
        self.bufferevent = bufferevent
        claim = BufferClaim(surroundings.budget)
        reader = ReplyReader(isReplyToHead: false, maximumBytes: maximumReplyBytes)
        // The owner's deadlines are finer than evhttp's one for everything.
        evhttp_connection_set_timeout(connection, 86_400)
        // Safe: evhttp calls back only until destroy(), which this object outlives.
        let context = Unmanaged.passUnretained(self).toOpaque()
        evhttp_connection_set_closecb(
            connection,
            { _, context in
                // Safe: see above.
                Unmanaged<HTTPClientConnection>.fromOpaque(context!).takeUnretainedValue()
                    .evhttpCloses()
            },
            context
        )
    }

    deinit {
        assert(isDestroyed, "a client connection was released before it was destroyed")
        if let body { body.free() }
    }

    // MARK: - Events

    /// Whether an idle connection is still what it seems: open, and with nothing to read.
    package func isStillGood() -> Bool {
        guard state.phase == .idle, let transport else { return false }
        return !transport.peerHasFinished && !transport.hasInput()
    }

    package func transportIsReady() {
        switch state.phase {
        case .connecting: finishConnecting()
        case .sending: flush()
        case .awaitingReply: if !isQueued { readAvailable() }
        case .idle:
            // The edge may be of bytes that were read since in a turn of the queue.
            if transport?.mayRead == true, !isStillGood() { perform(state.handle(.disturbed)) }
            transport?.forgetInput()
        case .new, .closed: break
        }
    }

    /// Goes on reading, after others had their turn.
    package func takeTurn() {
        if state.phase == .awaitingReply { readAvailable() }
    }

    func flush() {
        guard state.phase == .sending, let transport else { return }
        let error = transport.write(bufferevent_get_output(bufferevent)) { noteSentBytes() }
        if error != 0 { fail(Self.failure(errno: error)) }
        if error != 0 || transport.isFull { return }
        _ = state.handle(.requestSent)
        // evhttp expects to hear that all is written, and reads from then on.
        bufferevent_trigger(bufferevent, Int16(EV_WRITE), 0)
        if transport.mayRead { readAvailable() }
    }

    /// What an error of an established connection's socket means. A reset comes from the peer; everything
    /// else is word of the kernel's that it has heard nothing.
    static func failure(errno: Int32) -> ConnectionFailure {
        errno == ECONNRESET || errno == EPIPE ? .lost : .unreachable
    }

    private func noteSentBytes() {
        guard !hasSentBytes else { return }
        hasSentBytes = true
        owner?.bytesHaveLeft()
    }

    // MARK: - The end

    func fail(_ failure: ConnectionFailure) { perform(state.handle(.failed(failure))) }

    func perform(_ action: HTTPClientState.Action) {
        guard case .fail(let failure) = action else { return }
        stopWatching()
        owner?.didFail(failure)
    }

    /// Ends everything but evhttp's side, which ``destroy()`` frees: no call of the owner comes any more.
    package func close() {
        _ = state.handle(.close)
        stopWatching()
    }

    func stopWatching() {
        transport?.stopWatching()
    }

    /// Frees evhttp's side, and closes the socket. Nothing may be called afterwards.
    package func destroy() {
        guard !isDestroyed else { return }
        isDestroyed = true
        close()
        if !isSocketOfEvhttp { transport?.close() }
        evhttp_connection_free(evhttpConnection)
    }
}
