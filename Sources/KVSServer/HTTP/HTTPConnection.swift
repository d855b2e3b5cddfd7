import CLibevent
import Glibc

/// One client's connection: a socket that we drive, and the evhttp connection that it feeds.
///
/// evhttp's bufferevent has no socket (descriptor -1): we read, the guard looks at each byte, evhttp gets
/// one complete request at a time; what it writes we send. So libevent makes no `epoll_ctl`, `ioctl` and
/// timer of its own for a request; three system calls are left (wait, read, write), nothing unchecked
/// reaches evhttp's parser, and evhttp never sees a half-closed or slow peer.
///
/// The parts: reading in `+Reading`, replies in `+Replying`, the end in `+Closing`. For use on the loop's
/// thread only.
final class HTTPConnection: SocketEventHandler {
    enum State {
        /// Reads, or waits for, a request.
        case reading
        /// A handler holds the request. Nothing is read.
        case awaitingReply
        /// A reply waits for the socket to take more. Nothing is read.
        case flushing
        /// evhttp has gone; what the client still sends is dropped, so that the kernel does not answer
        /// it with a reset that destroys our last reply.
        case lingering
        case closed
    }

    /// What the next byte belongs to.
    enum Phase {
        case head
        /// A body by Content-Length with so many bytes to come. Discarded where evhttp reads no body.
        case body(remaining: Int, isDiscarded: Bool)
        case chunks(ChunkedDecoder, isDiscarded: Bool)
    }

    unowned let server: HTTPServer
    let descriptor: Int32
    /// Where the connection stands in the server's table.
    var tableIndex = -1
    /// The server's tick at which ``expire()`` is called.
    private(set) var deadline = Int.max

    var state = State.reading
    var phase = Phase.head
    var parser: HeadParser
    /// The beginning of a head whose rest has not come yet.
    var partialHead: [UInt8] = []
    /// Bytes behind a request that waits for its reply, from `backlogStart` on.
    var backlog: [UInt8] = []
    var backlogStart = 0
    /// Whether the socket may hold bytes that we have not read: edges are told only once.
    var mayRead = false
    var peerHasFinished = false
    /// The socket's SO_RCVLOWAT.
    var wakesUpAtBytes = 1
    /// Whether bytes behind the present request are at hand.
    var hasUnreadRequests = false
    /// The head of the request being read or answered.
    var head = RequestHead()
    /// Body bytes that count against the server's ``BufferBudget``.
    var reservedBytes = 0
    /// The decoded body of a chunked request; evhttp gets it when it is complete.
    var chunkedBody: OpaquePointer?

    /// evhttp's side; nil once evhttp has freed it.
    private(set) var connection: OpaquePointer?
    let bufferevent: OpaquePointer
    /// The request that a handler holds; nil otherwise.
    var request: UnsafeMutablePointer<evhttp_request>?
    var requestNumber: UInt64 = 0
    /// Whether evhttp waits to hear that its reply has been written.
    var replyIsQueued = false
    /// Replies of pipelined requests, and the guard's own, on their way out.
    var outgoing: OpaquePointer?
    var closesAfterFlush = false
    var lingers = false
    var lingeredBytes = 0
    /// Whether the frames below us on the stack will go on with this connection by themselves.
    var isProcessing = false

    private var event: SocketEvent?

    /// Takes over a connection that evhttp has just accepted.
    ///
    /// - Parameters:
    ///   - bufferevent: evhttp's, made with BEV_OPT_CLOSE_ON_FREE: since it has no descriptor, the
    ///     option only keeps evhttp from closing the socket, which is ours.
    ///   - connection: The `evhttp_connection`.
    init(server: HTTPServer, bufferevent: OpaquePointer, connection: OpaquePointer) {
        self.server = server
        self.bufferevent = bufferevent
        self.connection = connection
        parser = HeadParser(limits: server.limits.head)
        descriptor = bufferevent_getfd(bufferevent)
        bufferevent_setfd(bufferevent, -1)
        // Safe: evhttp calls back only while it holds the connection, and the server's table keeps this
        // object at least as long.
        evhttp_connection_set_closecb(
            connection,
            { _, context in
                // Safe: see above.
                Unmanaged<HTTPConnection>.fromOpaque(context!).takeUnretainedValue()
                    .evhttpHasClosed()
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit {
        if let outgoing { evbuffer_free(outgoing) }
        if let chunkedBody { evbuffer_free(chunkedBody) }
    }

    /// Begins to watch the socket.
    func start() {
        deadline = server.deadline(after: server.limits.idleTicks)
        let event = SocketEvent(descriptor: descriptor, on: server.loop, handler: self)
        self.event = event
        do throws(SystemError) {
            try event.start()
        } catch {
            server.logger.error("cannot watch a connection", metadata: ["error": "\(error)"])
            drop()
        }
    }

    // MARK: - Events

    func socketIsReady(_ readiness: Readiness) {
        if readiness.contains(.peerFinished) { peerHasFinished = true }
        if readiness.contains(.readable) || peerHasFinished { mayRead = true }
        switch state {
        case .reading: readAvailable()
        case .flushing: if readiness.contains(.writable) { flushAndGoOn() }
        case .lingering: discardInput()
        case .awaitingReply, .closed: break
        }
    }

    /// Whether no byte of a further request has come.
    var isIdle: Bool {
        guard state == .reading, case .head = phase else { return false }
        return partialHead.isEmpty && backlog.isEmpty && !replyIsQueued
    }

    func setDeadline(ticks: Int) {
        deadline = server.deadline(after: ticks)
    }

    /// The server's sweep calls it once the deadline has passed.
    func expire() {
        switch state {
        case .reading where isIdle: expireIdle()
        case .reading:
            lingers = false
            refuse(.requestTimedOut)
            if state != .closed { drop() }
        case .awaitingReply:
            server.logger.error("a request was not answered before its deadline")
            closesAfterFlush = true
            reply(to: requestNumber, .serviceUnavailable, .json, fields: []) {
                ErrorBody.append("the request was not answered in time", to: $0)
            }
        case .flushing: drop()
        case .lingering: closeSocket()
        case .closed: break
        }
    }

    // MARK: - What a handler sees

    var method: HTTPMethod { head.method }

    var target: UnsafeRawBufferPointer {
        guard let request, let uri = evhttp_request_get_uri(request) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(start: uri, count: strlen(uri))
    }

    var inputFields: HeaderList? {
        request.flatMap { evhttp_request_get_input_headers($0) }.map { HeaderList(pointer: $0) }
    }

    var inputBody: EventBuffer? {
        request.flatMap { evhttp_request_get_input_buffer($0) }.map { EventBuffer(pointer: $0) }
    }

    /// The client's address, as evhttp noted it when it accepted the connection.
    var peerHost: UnsafeRawBufferPointer {
        var host: UnsafeMutablePointer<CChar>?
        var port: UInt16 = 0
        if let connection { evhttp_connection_get_peer(connection, &host, &port) }
        return UnsafeRawBufferPointer(start: host, count: host.map { strlen($0) } ?? 0)
    }

    // MARK: - The end of evhttp's side

    /// Comes from evhttp, before it frees its connection and the requests of that.
    private func evhttpHasClosed() {
        connection = nil
        request = nil
        replyIsQueued = false
    }

    /// Makes evhttp free its side; ``evhttpHasClosed()`` runs before this returns.
    func freeEvhttpConnection() {
        if let connection { evhttp_connection_free(connection) }
    }

    /// Ends the watch, in front of `close(2)`.
    func invalidateEvent() {
        event?.invalidate()
        event = nil
    }
}
