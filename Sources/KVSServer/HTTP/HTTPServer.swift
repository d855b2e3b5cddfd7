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
    let budget: BufferBudget
    let handler: any HTTPHandler
    let logger: Logger
    let replyFields = ReplyFields()
    /// Where sockets are read into; its content lives only until the next read of any connection.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    private(set) var isDraining = false

    private let http: OpaquePointer
    private var listener: Listener?
    private var connections: [HTTPConnection] = []
    /// Bufferevents of connections that evhttp is about to set up, until ``adoptAccepted()``.
    private var accepted: [OpaquePointer] = []
    private var adoptTimer: LoopTimer?
    private var sweepTimer: LoopTimer?
    private var turnTimer: LoopTimer?
    private var waitingForTurn: [HTTPConnection] = []
    private var tick = 0
    /// Whose bytes evhttp is working on.
    private var current: HTTPConnection?
    private var whenEmpty: (() -> Void)?

    /// - Parameters:
    ///   - socket: A bound socket, which belongs to the server from now on.
    ///   - handler: Answers all requests of this loop.
    /// - Throws: ``SystemError`` where the socket cannot listen.
    init(
        loop: EventLoop,
        socket: BoundSocket,
        handler: any HTTPHandler,
        limits: HTTPLimits,
        budget: BufferBudget,
        logger: Logger
    ) throws(SystemError) {
        self.loop = loop
        self.handler = handler
        self.limits = limits
        self.budget = budget
        self.logger = logger
        guard let http = evhttp_new(loop.base) else { throw SystemError("evhttp_new") }
        self.http = http
        // Every method reaches the handler, which answers 405 itself; the guard refuses CONNECT, to
        // which evhttp does not apply `Connection: close`.
        evhttp_set_allowed_methods(http, 0xFFFF & ~UInt16(EVHTTP_REQ_CONNECT.rawValue))
        evhttp_set_default_content_type(http, nil)
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
                Unmanaged<HTTPServer>.fromOpaque(context!).takeUnretainedValue().makeBufferevent()
            },
            context
        )
        adoptTimer = LoopTimer(on: loop) { [unowned self] in adoptAccepted() }
        turnTimer = LoopTimer(on: loop) { [unowned self] in giveTurns() }
        sweepTimer = LoopTimer(on: loop, repeats: true) { [unowned self] in sweep() }
        listener = try Listener(socket: socket, http: http, loop: loop, logger: logger)
    }

    deinit {
        scratch.deallocate()
    }

    // MARK: - Accepting

    private func makeBufferevent() -> OpaquePointer? {
        let options = Int32(BEV_OPT_CLOSE_ON_FREE.rawValue)
        guard let bufferevent = bufferevent_socket_new(loop.base, -1, options) else { return nil }
        // Saves evhttp two system calls when it sets the descriptor.
        bufferevent_disable(bufferevent, Int16(EV_READ | EV_WRITE))
        bufferevent_incref(bufferevent)
        if accepted.isEmpty { adoptTimer?.runSoon() }
        accepted.append(bufferevent)
        if connections.count + accepted.count >= limits.connections { listener?.pause() }
        return bufferevent
    }

    /// evhttp has set up its side of each accepted connection, and not yet looked at a socket: its
    /// connection is the argument of the bufferevent's callbacks, the only place that names it.
    private func adoptAccepted() {
        let bufferevents = accepted
        accepted = []
        for bufferevent in bufferevents {
            var eventCallback: bufferevent_event_cb?
            var connection: UnsafeMutableRawPointer?
            bufferevent_getcb(bufferevent, nil, nil, &eventCallback, &connection)
            // Without callbacks evhttp has given the connection up already.
            if eventCallback != nil, let connection {
                let adopted = HTTPConnection(
                    server: self,
                    bufferevent: bufferevent,
                    connection: OpaquePointer(connection)
                )
                adopted.tableIndex = connections.count
                connections.append(adopted)
                if connections.count == 1 { sweepTimer?.start(after: HTTPLimits.tick) }
                adopted.start()
                if isDraining { adopted.drain() }
            }
            bufferevent_decref(bufferevent)
        }
        resumeListenerIfBelowLimit()
    }

    private func resumeListenerIfBelowLimit() {
        if connections.count + accepted.count < limits.connections { listener?.resume() }
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
        resumeListenerIfBelowLimit()
        if connections.isEmpty {
            sweepTimer?.cancel()
            if isDraining, accepted.isEmpty { whenEmpty?() }
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
        guard let request, let current else { return }
        current.requestHasArrived(request)
    }

    // MARK: - Turns and deadlines

    /// Lets everybody else go first: the connection goes on in the loop's next pass.
    func giveTurnLater(to connection: HTTPConnection) {
        if waitingForTurn.isEmpty { turnTimer?.start(after: .zero) }
        waitingForTurn.append(connection)
    }

    private func giveTurns() {
        let connections = waitingForTurn
        waitingForTurn = []
        for connection in connections { connection.takeTurn() }
    }

    func deadline(after ticks: Int) -> Int { tick + ticks }

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
        if connections.isEmpty, accepted.isEmpty { self.whenEmpty?() }
    }

    /// Closes everything at once. Requests in a handler's hands are forgotten.
    func close() {
        whenEmpty = nil
        stopAccepting()
        handler.close()
        for connection in connections { connection.drop() }
        for bufferevent in accepted { bufferevent_decref(bufferevent) }
        accepted = []
        waitingForTurn = []
        (adoptTimer, sweepTimer, turnTimer) = (nil, nil, nil)
        evhttp_free(http)
    }
}
