package import Basics
import CLibevent
package import EventLoops
import Glibc
package import Logging

/// evhttp on one event loop: the listener, the connections, their deadlines.
///
/// Everything but `init` and the release belongs on the loop's thread, once the loop has started.
package final class HTTPServer: @unchecked Sendable {
    // Safe: made before the loop's thread starts, used on that thread only, released after it has ended.

    let loop: EventLoop
    let limits: HTTPLimits
    /// Owns the read buffer.
    private let surroundings: LoopSurroundings
    let connectionLimit: ConnectionLimit
    let handler: any HTTPHandler
    let ownAnswers: any OwnAnswers
    let logger: Logger
    let replyFields = ReplyFields()
    private(set) var isDraining = false

    /// Who has something to do later, or had a turn and is not done.
    let queue: LoopQueue
    /// What a connection has not used up of it is copied before any handler runs.
    let readBuffer: UnsafeMutableRawBufferPointer
    let budget: BufferBudget
    let observer: (any RequestObserver)?
    let requestIDs: RequestIDs

    private let http: OpaquePointer
    var listener: Listener?
    var connections: [HTTPConnection] = []
    /// Bufferevents of connections that evhttp is about to set up, until ``adoptAccepted()``.
    var accepted: [(Bufferevent, hasPlace: Bool)] = []
    /// Connections that have found no place among those that are allowed, first come, first served.
    var parked = FIFO<Bufferevent>()
    /// For the next connection: where there is no memory for one, evhttp would make its own, and read by
    /// itself.
    var spare: Bufferevent?
    var adoptTimer: LoopTimer?
    var sweepTimer: LoopTimer?
    private var tick = 0
    private var requestsUntilQuestion = 0
    var waitsForPlace = false
    private(set) var reference: LoopReference<HTTPServer>?
    /// The request that evhttp has made of a line, of which it has just been told to make one.
    private var arrived: UnsafeMutablePointer<evhttp_request>?
    private var isExpecting = false
    private var whenEmpty: (() -> Void)?

    /// - Parameters:
    ///   - socket: A bound socket, which belongs to the server from now on.
    ///   - handler: Answers all requests of this loop.
    ///   - ownAnswers: Has the words for what the server answers by itself.
    /// - Throws: ``SystemError`` where the socket cannot listen.
    package init(
        surroundings: LoopSurroundings,
        socket: BoundSocket,
        handler: any HTTPHandler,
        ownAnswers: any OwnAnswers,
        limits: HTTPLimits,
        connectionLimit: ConnectionLimit,
        logger: Logger
    ) throws(SystemError) {
        let loop = surroundings.loop
        self.loop = loop
        self.surroundings = surroundings
        queue = surroundings.queue
        readBuffer = surroundings.readBuffer
        budget = surroundings.budget
        observer = surroundings.observer
        requestIDs = surroundings.requestIDs
        self.connectionLimit = connectionLimit
        self.handler = handler
        self.ownAnswers = ownAnswers
        self.limits = limits
        self.logger = logger
        guard let http = evhttp_new(loop.base) else { throw SystemError("evhttp_new") }
        self.http = http
        evhttp_set_default_content_type(http, nil)
        spare = makeBufferevent()
        // Safe: evhttp is freed in close(), before this object goes.
        let context = Unmanaged.passUnretained(self).toOpaque()
        evhttp_set_gencb(
            http,
            { request, context in
                // Safe: see above; requestArriving(in:), which is at work, holds the server.
                Unmanaged<HTTPServer>.fromOpaque(context!)._withUnsafeGuaranteedRef {
                    $0.requestHasArrived(request)
                }
            },
            context
        )
        evhttp_set_bevcb(
            http,
            { _, context in
                // Safe: see above.
                Unmanaged<HTTPServer>.fromOpaque(context!).takeUnretainedValue().nextBufferevent()
            },
            context
        )
        reference = LoopReference(to: self)
        adoptTimer = LoopTimer(on: loop) { [unowned self] in adoptAccepted() }
        sweepTimer = LoopTimer(on: loop, repeats: true) { [unowned self] in sweep() }
        listener = try Listener(socket: socket, http: http, loop: loop, logger: logger)
    }

    deinit { reference?.end() }

    // MARK: - Connections

    func remove(_ connection: HTTPConnection) {
        let index = connection.tableIndex
        guard index >= 0 else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.tableIndex = index
        }
        connection.tableIndex = -1
        connectionLimit.leave()
        observer?.connectionHasEnded()
        if connections.isEmpty {
            sweepTimer?.cancel()
            tellWhenEmpty()
        }
    }

    // MARK: - Requests

    /// Whether there is memory for one more; it is asked once for many, so that it costs nothing.
    func hasMemoryForRequest() -> Bool {
        requestsUntilQuestion -= 1
        if requestsUntilQuestion > 0 { return true }
        guard Headroom.isThereForRequests() else { return false }
        requestsUntilQuestion = Headroom.requestsPerQuestion
        return true
    }

    /// What evhttp makes of the line that `body` has it read.
    func requestArriving(in body: () -> Void) -> UnsafeMutablePointer<evhttp_request>? {
        isExpecting = true
        body()
        isExpecting = false
        return arrived.take()
    }

    private func requestHasArrived(_ request: UnsafeMutablePointer<evhttp_request>?) {
        guard let request else { return }
        guard !isExpecting else {
            arrived = request
            return
        }
        assertionFailure("evhttp has read by itself")
        logger.error("a request came past the guard")
        if let connection = evhttp_request_get_connection(request) {
            evhttp_connection_free(connection)
        }
    }

    // MARK: - Deadlines

    func deadline(after ticks: Int) -> Int { tick + ticks }

    /// The time that is left until a deadline, in whole ticks: up to one more than there is. A handler that
    /// takes all of it is not cut off, see ``HTTPLimits/watchdogTicks``.
    func time(until deadline: Int) -> TimeSpan {
        let (seconds, attoseconds) = HTTPLimits.tick.components
        let tick = TimeSpan(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
        return tick * Int64(max(0, deadline - self.tick))
    }

    /// Looks at all connections ten times a second: cheaper than a timer set anew for each request.
    private func sweep() {
        tick += 1
        for connection in connections {
            if let driver = connection.driver, driver.deadline <= tick { driver.expire() }
        }
    }

    // MARK: - Stopping

    /// Accepts nothing more: new clients are refused.
    package func stopAccepting() {
        listener?.close()
        listener = nil
    }

    /// Accepts nothing more, closes idle connections, and lets the others answer what they have.
    ///
    /// - Parameter whenEmpty: Runs once, on the loop's thread, when no connection is left.
    package func drain(whenEmpty: @escaping () -> Void) {
        guard !isDraining else { return }
        isDraining = true
        self.whenEmpty = { [unowned self] in
            self.whenEmpty = nil
            whenEmpty()
        }
        stopAccepting()
        for connection in connections { connection.driver?.drain() }
        tellWhenEmpty()
    }

    func tellWhenEmpty() {
        if isDraining, connections.isEmpty, accepted.isEmpty, parked.isEmpty { whenEmpty?() }
    }

    /// Closes everything at once. Requests in a handler's hands are forgotten.
    package func close() {
        whenEmpty = nil
        stopAccepting()
        // What is under way ends, and nothing begins any more; who waits is told.
        handler.close()
        queue.runOnce()
        for connection in connections { connection.driver?.drop() }
        queue.close()
        // evhttp_free, below, frees evhttp's side of them.
        for (bufferevent, _) in accepted { bufferevent_decref(bufferevent) }
        accepted = []
        while let bufferevent = parked.popFirst() { bufferevent_decref(bufferevent) }
        if let spare { bufferevent_free(spare) }
        spare = nil
        (adoptTimer, sweepTimer) = (nil, nil)
        evhttp_free(http)
    }
}
