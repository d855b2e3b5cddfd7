import Basics
import CLibevent
import EventLoops
import Glibc
import Wire

/// One client's connection: a socket that we drive, and the evhttp connection that it feeds.
///
/// evhttp's bufferevent has no socket (descriptor -1): we read, the guard looks at each byte, evhttp hears
/// of one complete request at a time; what it writes we send. So libevent makes no `epoll_ctl`, `ioctl` and
/// timer of its own for a request; three system calls are left (wait, read, write), nothing that a client
/// sends reaches evhttp's parser, and evhttp never sees a half-closed or slow peer.
///
/// It does one thing at a time (``enter(_:)``), in turns of bounded work. The parts: reading in
/// `+Reading`, from the guard to the handler in `+Feeding`, replies in `+Replying` and `+Sending`, what is
/// held and until when in `+Accounting`, the end in `+Closing`. For use on the loop's thread only.
final class HTTPConnection: TransportHandler, LoopTask {
    enum State {
        /// Reads, or waits for, a request.
        case reading
        /// A handler holds the request. Nothing is read.
        case awaitingReply
        /// evhttp has made a reply that is still to be sent.
        case replied
        /// The last reply is on its way. Nothing is read.
        case finishing
        /// evhttp has gone; what the client still sends is dropped, so that the kernel does not answer
        /// it with a reset that destroys our last reply.
        case lingering
        case closed
    }

    enum ReplyFailure {
        /// Nothing was done: the client is told so.
        case refused
        /// Something may have been done.
        case unheard
    }

    // Safe: the server drops its connections before it goes. (Measured: counting the references took 500
    // instructions of a GET.)
    unowned(unsafe) let server: HTTPServer
    let transport: Transport
    /// Where the connection stands in the server's table.
    var tableIndex = -1
    /// The server's tick at which ``expire()`` is called.
    var deadline = Int.max
    /// Whether the deadline is that of a wait for a request.
    var deadlineIsForIdle = true
    // Safe: as the other fields below.
    @exclusivity(unchecked) var isQueued = false

    var state = State.reading
    // Safe: used on the loop's thread only, one entry at a time, and no access lasts while evhttp or a
    // handler is called. So also below. (Measured: the checks took 600 instructions of a GET.)
    @exclusivity(unchecked) var reader: RequestReader
    /// The body of the request being read or answered, where it has one that means something.
    var body: EventBuffer?
    /// What is left of the present turn.
    var unitsLeft = 0
    /// What is held of the client's requests and for its replies.
    @exclusivity(unchecked) var claim: BufferClaim

    /// evhttp's side; nil once evhttp has freed it.
    private(set) var connection: OpaquePointer?
    let bufferevent: Bufferevent
    /// The request that a handler holds; nil otherwise.
    var request: UnsafeMutablePointer<evhttp_request>?
    var requestNumber: UInt64 = 0
    /// When the request began that is being read or answered; nil where there is none.
    var requestStart: MonotonicTime?
    /// Whether evhttp waits to hear that its reply has been written.
    var replyIsQueued = false
    /// Whether that reply is the connection's last one.
    var replyIsLast = false
    /// Replies, and interim ones of the guard's own, that are on their way out.
    var outgoing: OpaquePointer?
    /// The size of all replies since everything had gone for the last time: a buffer keeps what it was lent,
    /// a large value or another server's body, whole until its last byte has gone.
    var outgoingTotal = 0
    var closesAfterFlush = false
    var lingers = false
    var lingeredBytes = 0
    /// The rest of the body of a refused request. Our side of the stream must not end before it has come:
    /// who sends first and reads afterwards takes that for the end of everything.
    var bytesToDrain = 0
    /// What has become of a request for whose reply there was no memory.
    var replyFailure: ReplyFailure?
    private(set) var isEntered = false

    /// Takes over a connection that evhttp has just accepted.
    ///
    /// - Parameters:
    ///   - bufferevent: evhttp's, made with BEV_OPT_CLOSE_ON_FREE: since it has no descriptor, the
    ///     option only keeps evhttp from closing the socket, which is ours.
    ///   - connection: The `evhttp_connection`.
    init(server: HTTPServer, bufferevent: Bufferevent, connection: OpaquePointer) {
        self.server = server
        self.bufferevent = bufferevent
        self.connection = connection
        reader = RequestReader(limits: server.limits.request)
        claim = BufferClaim(server.budget)
        let descriptor = bufferevent_getfd(bufferevent)
        bufferevent_setfd(bufferevent, -1)
        transport = Transport(descriptor: descriptor, on: server.loop)
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
        if let body { evbuffer_free(body.pointer) }
    }

    /// Begins to watch the socket.
    func start() {
        setDeadline(ticks: server.limits.idleTicks)
        do throws(SystemError) {
            try transport.startWatching(for: self)
        } catch {
            server.rest(because: error)
            drop()
        }
    }

    // MARK: - Events

    /// Runs `work`, the one thing that the connection does now.
    ///
    /// Everything that comes from outside enters here, and nothing may do so while it runs: what a
    /// handler, a queue or another connection wants of this one waits for the loop's queue.
    func enter(_ work: () -> Void) {
        guard !isEntered else {
            assertionFailure("a connection was entered while it was at work")
            server.queue.append(self)
            return
        }
        isEntered = true
        unitsLeft = Self.unitsPerTurn
        work()
        settle()
        isEntered = false
    }

    func transportIsReady() {
        // Who stands in the queue has had a turn, and gets the next one there.
        if isQueued { return }
        // Many who send much at once would be asked one after the other here; the queue lets others in
        // between.
        if takesMuch { server.queue.append(self) } else { takeTurn() }
    }

    func takeTurn() {
        enter {
            switch state {
            case .reading, .awaitingReply, .finishing:
                flush()
                goOn()
            case .replied:
                replyIsReady()
                goOn()
            case .lingering: discardInput()
            case .closed: break
            }
        }
    }

    /// Whether no byte of a further request has come, and all replies have gone.
    var isIdle: Bool {
        state == .reading && !reader.hasBegun && !reader.hasBacklog && outgoing == nil
    }

    /// Whether the request of that number is no longer the one that waits for its reply.
    func hasLost(_ number: UInt64) -> Bool { number != requestNumber || request == nil }

    /// The head of the request being read or answered.
    var head: RequestHead { reader.head }

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
}
