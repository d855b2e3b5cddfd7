import CLibevent
import Glibc
import Logging

/// evhttp on one event loop: the listener, the connections, their deadlines.
///
/// Everything but `init` and the release belongs on the loop's thread, once the loop has started.
final class HTTPServer: @unchecked Sendable {
    // Safe: made before the loop's thread starts, used on that thread only, released after it has ended.

    let loop: EventLoop
    let limits: HTTPLimits
    private let surroundings: LoopSurroundings
    private let connectionLimit: ConnectionLimit
    let handler: any HTTPHandler
    let logger: Logger
    let replyFields = ReplyFields()
    private(set) var isDraining = false

    /// Who has something to do later, or had a turn and is not done.
    var queue: LoopQueue { surroundings.queue }
    /// What a connection has not used up of it is copied before any handler runs.
    var scratch: UnsafeMutableRawBufferPointer { surroundings.scratch }
    var budget: BufferBudget { surroundings.budget }

    private let http: OpaquePointer
    private var listener: Listener?
    private var connections: [HTTPConnection] = []
    /// Bufferevents of connections that evhttp is about to set up, until ``adoptAccepted()``.
    private var accepted: [(Bufferevent, hasPlace: Bool)] = []
    /// Connections that have found no place among those that are allowed, first come, first served.
    private var parked = FIFO<Bufferevent>()
    /// For the next connection: where there is no memory for one, evhttp would make its own, and read by
    /// itself.
    private var spare: Bufferevent?
    private var adoptTimer: LoopTimer?
    private var sweepTimer: LoopTimer?
    private var tick = 0
    private var waitsForPlace = false
    /// Whose bytes evhttp is working on.
    private var current: HTTPConnection?
    private var whenEmpty: (() -> Void)?

    /// - Parameters:
    ///   - socket: A bound socket, which belongs to the server from now on.
    ///   - handler: Answers all requests of this loop.
    /// - Throws: ``SystemError`` where the socket cannot listen.
    init(
        surroundings: LoopSurroundings,
        socket: BoundSocket,
        handler: any HTTPHandler,
        limits: HTTPLimits,
        connectionLimit: ConnectionLimit,
        logger: Logger
    ) throws(SystemError) {
        let loop = surroundings.loop
        self.loop = loop
        self.surroundings = surroundings
        self.connectionLimit = connectionLimit
        self.handler = handler
        self.limits = limits
        self.logger = logger
        guard let http = evhttp_new(loop.base) else { throw SystemError("evhttp_new") }
        self.http = http
        // Every method reaches the handler, which answers 405 itself; the guard refuses CONNECT, to
        // which evhttp does not apply `Connection: close`.
        evhttp_set_allowed_methods(http, 0xFFFF & ~UInt16(EVHTTP_REQ_CONNECT.rawValue))
        evhttp_set_default_content_type(http, nil)
        spare = makeBufferevent()
        // Safe: evhttp is freed in close(), before this object goes.
        let context = Unmanaged.passUnretained(self).toOpaque()
        evhttp_set_gencb(
            http,
            { request, context in
                // Safe: see above.
                Unmanaged<HTTPServer>.fromOpaque(context!).takeUnretainedValue()
                    .requestHasArrived(request)
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
        adoptTimer = LoopTimer(on: loop) { [unowned self] in adoptAccepted() }
        sweepTimer = LoopTimer(on: loop, repeats: true) { [unowned self] in sweep() }
        listener = try Listener(socket: socket, http: http, loop: loop, logger: logger)
    }

    // MARK: - Accepting

    private func nextBufferevent() -> Bufferevent? {
        let next = spare ?? makeBufferevent()
        spare = makeBufferevent()
        guard let bufferevent = next ?? spare.take() else { return nil }
        bufferevent_incref(bufferevent)
        if accepted.isEmpty { adoptTimer?.runSoon() }
        let hasPlace = connectionLimit.enter()
        accepted.append((bufferevent, hasPlace))
        // The listener stops within this very call of accept(2): one too many at most, which waits.
        if !hasPlace || connectionLimit.isReached { listener?.pause() }
        if LibeventMemory.isShort { rest(because: SystemError("malloc", errno: ENOMEM)) }
        return bufferevent
    }

    /// Connections are of no use for now: accepts none for a moment, and says why, once in a while.
    func rest(because error: SystemError) { listener?.rest(because: error) }

    private func makeBufferevent() -> Bufferevent? {
        let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
        guard let bufferevent = bufferevent_socket_new(loop.base, -1, options) else { return nil }
        // Saves evhttp two system calls when it sets the descriptor.
        bufferevent_disable(bufferevent, Int16(EV_READ | EV_WRITE))
        return bufferevent
    }

    /// evhttp has set up its side of each accepted connection, and not yet looked at a socket.
    private func adoptAccepted() {
        let fresh = accepted
        accepted = []
        for (bufferevent, hasPlace) in fresh {
            guard let connection = Self.connection(of: bufferevent) else {
                release(bufferevent)
                if hasPlace { connectionLimit.leave() }
                continue
            }
            if hasPlace {
                adopt(bufferevent, connection)
                bufferevent_decref(bufferevent)
            } else {
                // It waits as if it stood in the kernel's queue: evhttp must not read by itself.
                bufferevent_disable(bufferevent, Int16(EV_READ))
                parked.append(bufferevent)
            }
        }
        adoptParked()
    }

    /// evhttp has given up a connection that it has just accepted, for lack of memory.
    private func release(_ bufferevent: Bufferevent) {
        let descriptor = bufferevent_getfd(bufferevent)
        if descriptor < 0 {
            // There was none for its account of the connection: the socket is closed, and the bufferevent not
            // freed.
            bufferevent_decref(bufferevent)
        } else {
            // There was none for a request, and we own the socket; or none to watch it, and it is closed: then
            // the number may be another one's by now.
            let isOpen = event_pending(&bufferevent.pointee.ev_read, Int16(EV_READ), nil) != 0
            bufferevent_setfd(bufferevent, -1)
            if isOpen { Glibc.close(descriptor) }
            rest(because: SystemError("epoll_ctl or malloc", errno: 0))
        }
        bufferevent_decref(bufferevent)
    }

    /// Those that wait get the places that are free.
    private func adoptParked() {
        while !parked.isEmpty, connectionLimit.enter() {
            guard let bufferevent = parked.popFirst() else { break }
            if let connection = Self.connection(of: bufferevent) {
                adopt(bufferevent, connection)
            } else {
                connectionLimit.leave()
            }
            bufferevent_decref(bufferevent)
        }
        if let listener, listener.isPaused {
            if parked.isEmpty, !connectionLimit.isReached {
                listener.resume()
            } else {
                waitForPlace()
            }
        } else if !parked.isEmpty {
            waitForPlace()
        }
        tellWhenEmpty()
    }

    /// evhttp's connection is the argument of its bufferevent's callbacks, the only place that names it; it
    /// has none where evhttp has given the connection up.
    private static func connection(of bufferevent: Bufferevent) -> OpaquePointer? {
        var eventCallback: bufferevent_event_cb?
        var connection: UnsafeMutableRawPointer?
        bufferevent_getcb(bufferevent, nil, nil, &eventCallback, &connection)
        return eventCallback == nil ? nil : connection.map { OpaquePointer($0) }
    }

    private func adopt(_ bufferevent: Bufferevent, _ connection: OpaquePointer) {
        guard Headroom.isThere(for: 0), !LibeventMemory.isShort else {
            let descriptor = bufferevent_getfd(bufferevent)
            bufferevent_setfd(bufferevent, -1)
            evhttp_connection_free(connection)
            Glibc.close(descriptor)
            connectionLimit.leave()
            return
        }
        let adopted = HTTPConnection(
            server: self,
            bufferevent: bufferevent,
            connection: connection
        )
        adopted.tableIndex = connections.count
        connections.append(adopted)
        if connections.count == 1 { sweepTimer?.start(after: HTTPLimits.tick) }
        adopted.start()
        if isDraining { adopted.drain() }
    }

    /// The places are those of the whole process: another loop may leave one.
    private func waitForPlace() {
        guard !waitsForPlace else { return }
        waitsForPlace = true
        connectionLimit.whenPlaceIsFree { [weak self, loop] in
            loop.execute { [weak self] in self?.placeIsFree() }
        }
    }

    private func placeIsFree() {
        waitsForPlace = false
        adoptParked()
    }

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
        if connections.isEmpty {
            sweepTimer?.cancel()
            tellWhenEmpty()
        }
    }

    // MARK: - Requests

    /// Runs `body`, in which evhttp works on the bytes of `connection`.
    func withCurrent(_ connection: HTTPConnection, _ body: () -> Void) {
        let previous = current
        current = connection
        body()
        current = previous
    }

    private func requestHasArrived(_ request: UnsafeMutablePointer<evhttp_request>?) {
        guard let request else { return }
        guard let current else {
            assertionFailure("evhttp has read by itself")
            logger.error("a request came past the guard")
            if let connection = evhttp_request_get_connection(request) {
                evhttp_connection_free(connection)
            }
            return
        }
        current.requestHasArrived(request)
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
        for connection in connections where connection.deadline <= tick { connection.expire() }
    }

    // MARK: - Stopping

    /// Accepts nothing more: new clients are refused.
    func stopAccepting() {
        listener?.close()
        listener = nil
    }

    /// Accepts nothing more, closes idle connections, and lets the others answer what they have.
    ///
    /// - Parameter whenEmpty: Runs once, on the loop's thread, when no connection is left.
    func drain(whenEmpty: @escaping () -> Void) {
        guard !isDraining else { return }
        isDraining = true
        self.whenEmpty = { [unowned self] in
            self.whenEmpty = nil
            whenEmpty()
        }
        stopAccepting()
        for connection in connections { connection.drain() }
        tellWhenEmpty()
    }

    private func tellWhenEmpty() {
        if isDraining, connections.isEmpty, accepted.isEmpty, parked.isEmpty { whenEmpty?() }
    }

    /// Closes everything at once. Requests in a handler's hands are forgotten.
    func close() {
        whenEmpty = nil
        stopAccepting()
        // What is under way ends, and nothing begins any more; who waits is told.
        handler.close()
        queue.runOnce()
        for connection in connections { connection.drop() }
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
