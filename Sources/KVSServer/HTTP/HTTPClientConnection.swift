import CLibevent
import Glibc

/// Whoever owns a client connection. All calls come on the loop's thread.
protocol HTTPClientConnectionOwner: AnyObject {
    /// A whole reply has come. It is valid during the call.
    func didReceive(_ reply: HTTPClientReply)
    /// No reply will come.
    func didFail(_ failure: HTTPClientState.Failure)
    /// The connection is ready for the next request.
    func didBecomeIdle()
    /// The connection is of no use any more: let go of it, and call
    /// ``HTTPClientConnection/destroy()`` from outside of any callback of it.
    func didClose()
}

/// One connection to another server, through evhttp's client, with one request at a time.
///
/// evhttp connects, writes and parses. As soon as it has connected we take the socket over, as
/// ``HTTPConnection`` does: a request then costs a write and a read. For use on the loop's thread only.
final class HTTPClientConnection: SocketEventHandler {
    /// What is sent.
    struct Request {
        let method: HTTPMethod
        /// Visible ASCII: a space or a line break would split the request.
        let target: String
        /// Of a PUT or POST, whose length evhttp adds. It stays where it is, and is sent by reference.
        let body: EventBuffer?
    }

    var state = HTTPClientState()
    let loop: EventLoop
    /// Outlives the connection; set before the first request.
    unowned var owner: (any HTTPClientConnectionOwner)?
    let scratch: UnsafeMutableRawBufferPointer
    private let connection: OpaquePointer
    let bufferevent: OpaquePointer
    var descriptor: Int32 = -1
    var event: SocketEvent?
    var adoptTimer: LoopTimer?
    var deadline: Deadline?
    /// How much of the exchange's time is left once the connection stands.
    var timeAfterConnecting = Duration.zero
    var connectStart = ContinuousClock.now
    var mayRead = false
    var peerHasFinished = false
    var evhttpHasClosed = false
    private var isDestroyed = false

    /// - Parameters:
    ///   - scratch: Shared by all connections of the loop.
    ///   - maximumReplyBytes: A longer reply is a failure.
    init(
        loop: EventLoop,
        address: SocketAddress,
        maximumReplyBytes: Int,
        scratch: UnsafeMutableRawBufferPointer
    ) throws(SystemError) {
        self.loop = loop
        self.scratch = scratch
        guard let bufferevent = bufferevent_socket_new(loop.base, -1, 0) else {
            throw SystemError("bufferevent_socket_new")
        }
        guard
            let connection = evhttp_connection_base_bufferevent_new(
                loop.base,
                nil,
                bufferevent,
                address.host,
                address.port
            )
        else {
            bufferevent_free(bufferevent)
            throw SystemError("evhttp_connection_base_bufferevent_new")
        }
        self.connection = connection
        self.bufferevent = bufferevent
        evhttp_connection_set_max_body_size(connection, maximumReplyBytes)
        evhttp_connection_set_max_headers_size(connection, 16_384)
        // Our own timers are finer than evhttp's one for everything.
        evhttp_connection_set_timeout(connection, 86_400)
        // Safe: evhttp and the buffer call back only until destroy(), which this object outlives.
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
        evbuffer_add_cb(
            bufferevent_get_output(bufferevent),
            { _, change, context in
                // Safe: see above; libevent passes a description of each change.
                Unmanaged<HTTPClientConnection>.fromOpaque(context!).takeUnretainedValue()
                    .outputHasChanged(change!.pointee)
            },
            context
        )
        adoptTimer = LoopTimer(on: loop) { [unowned self] in adopt() }
        deadline = Deadline(on: loop) { [unowned self] in perform(state.handle(.timedOut)) }
    }

    deinit {
        assert(isDestroyed, "a client connection was released before it was destroyed")
    }

    // MARK: - Requests

    /// Sends a request. The owner hears of the end exactly once, possibly before this returns.
    ///
    /// - Parameters:
    ///   - connectTime: How long connecting may take, where it is still to be done.
    ///   - time: How long everything may take.
    ///   - addFields: Adds the header fields, `Host` among them.
    func send(
        _ request: Request,
        connectTime: Duration,
        time: Duration,
        addFields: (HeaderList) -> Void
    ) {
        let action = state.handle(.assign)
        if action == .connect {
            timeAfterConnecting = time
            connectStart = .now
            deadline?.set(after: min(connectTime, time))
        } else {
            deadline?.set(after: time)
        }
        // Safe: evhttp calls back at most once, before destroy() returns.
        let context = Unmanaged.passUnretained(self).toOpaque()
        let message = evhttp_request_new(
            { message, context in
                // Safe: see above.
                Unmanaged<HTTPClientConnection>.fromOpaque(context!).takeUnretainedValue()
                    .evhttpHasFinished(message)
            },
            context
        )
        guard let message else {
            perform(state.handle(.failed))
            return
        }
        addFields(HeaderList(pointer: evhttp_request_get_output_headers(message)))
        if let body = request.body, !body.isEmpty {
            evbuffer_add_buffer_reference(evhttp_request_get_output_buffer(message), body.pointer)
        }
        evhttp_make_request(connection, message, request.method.command, request.target)
        if state.phase == .sending { flush() }
    }

    /// Whether an idle connection is still what it seems: open, and with nothing to read.
    func isStillGood() -> Bool {
        guard state.phase == .idle, !peerHasFinished else { return false }
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count < 0 && errno == EAGAIN
    }

    /// Closes. A request in flight fails.
    func close() { perform(state.handle(.close)) }

    /// Frees evhttp's side. Nothing may be called afterwards.
    func destroy() {
        guard !isDestroyed else { return }
        isDestroyed = true
        (adoptTimer, deadline) = (nil, nil)
        event?.invalidate()
        event = nil
        evhttp_connection_free(connection)
    }

    // MARK: - evhttp's callbacks

    /// evhttp closes its side, and then the socket.
    private func evhttpCloses() {
        evhttpHasClosed = true
        event?.invalidate()
        event = nil
    }

    /// - Parameter message: nil, or without a status, where there is no reply.
    private func evhttpHasFinished(_ message: UnsafeMutablePointer<evhttp_request>?) {
        guard let message, evhttp_request_get_response_code(message) != 0 else {
            perform(state.handle(.failed))
            return
        }
        let reply = HTTPClientReply(request: message)
        guard reply.isSound else {
            perform(state.handle(.failed))
            return
        }
        // Bytes behind the reply answer nothing that was asked: the connection is out of step.
        let input: OpaquePointer = bufferevent_get_input(bufferevent)
        let isReusable =
            reply.keepsConnection && !evhttpHasClosed && !peerHasFinished
            && evbuffer_get_length(input) == 0
        perform(state.handle(.replied(isReusable: isReusable)), reply: reply)
    }

    func perform(_ action: HTTPClientState.Action, reply: HTTPClientReply? = nil) {
        switch action {
        case .none, .connect, .send:
            break
        case .deliverAndKeep, .deliverAndClose:
            deadline?.clear()
            if let reply { owner?.didReceive(reply) }
            if action == .deliverAndKeep {
                owner?.didBecomeIdle()
            } else {
                owner?.didClose()
            }
        case .fail(let failure):
            deadline?.clear()
            owner?.didFail(failure)
            owner?.didClose()
        case .close:
            owner?.didClose()
        }
    }
}
