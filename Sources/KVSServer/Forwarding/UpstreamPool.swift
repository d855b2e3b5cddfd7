import Logging

/// Whoever wants to know how an exchange ended. All calls come on the loop's thread.
protocol UpstreamPoolDelegate: AnyObject {
    /// The main has answered. The reply is valid during the call.
    func exchange(_ exchange: Exchange, didReceive reply: HTTPClientReply)
    /// There is no answer.
    ///
    /// - Parameter wasSent: Whether the main may have seen the request.
    func exchange(_ exchange: Exchange, didFailWithRequestSent wasSent: Bool)
}

/// One loop's connections to the main: last in, first out, so that those that are not needed grow old.
///
/// For use on the loop's thread only.
final class UpstreamPool {
    struct Limits: Sendable {
        /// Connections, busy and idle.
        var connections: Int
        /// Requests that wait for one of them.
        var waiting = 4096
        /// Replies, in bytes: JSON may need six bytes for one of the value.
        var replyBytes = 6 * Item.maxRawValueBytes + 65_536
        /// Connections idle for longer are closed. The main closes its own after 75 s; who is first
        /// never sends a request into a closing connection.
        var idleTime = Duration.seconds(30)
    }

    /// How often to look whether a name has been looked up.
    static let resolutionInterval = Duration.milliseconds(10)
    /// How soon the return of a silent main is noticed.
    static let probeInterval = Duration.milliseconds(50)

    let loop: EventLoop
    let address: MainAddress
    let limits: Limits
    let logger: Logger
    /// Owns the pool, and so outlives it.
    unowned var delegate: (any UpstreamPoolDelegate)?
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    var idle: [(connection: HTTPClientConnection, since: ContinuousClock.Instant)] = []
    var busy: [ObjectIdentifier: Lease] = [:]
    var waiting = ExchangeQueue()
    /// Exchanges that wait until the main's name has been looked up for the first time.
    var unresolved: [Exchange] = []
    var resolveTimer: LoopTimer?
    var retired: [HTTPClientConnection] = []
    var reaper: LoopTimer?
    var idleTimer: LoopTimer?
    var waitTimer: LoopTimer?
    var probeTimer: LoopTimer?
    var availability = MainAvailability()
    let mainReturn: MainReturn
    var silenceStart: UInt64 = 0
    var isClosing = false
    var lastAnswer: ContinuousClock.Instant?

    /// A connection at work. An unfinished exchange belongs to it.
    struct Lease {
        let connection: HTTPClientConnection
        var exchange: Exchange?
    }

    /// The address of each connection, for as long as it lives.
    var addresses: [ObjectIdentifier: SocketAddress] = [:]

    init(
        loop: EventLoop,
        address: MainAddress,
        mainReturn: MainReturn,
        limits: Limits,
        logger: Logger
    ) {
        self.loop = loop
        self.mainReturn = mainReturn
        self.address = address
        self.limits = limits
        self.logger = logger
        reaper = LoopTimer(on: loop) { [unowned self] in destroyRetired() }
        idleTimer = LoopTimer(on: loop) { [unowned self] in closeOld() }
        resolveTimer = LoopTimer(on: loop) { [unowned self] in
            let exchanges = unresolved
            unresolved = []
            for exchange in exchanges { submit(exchange) }
        }
        waitTimer = LoopTimer(on: loop) { [unowned self] in failOverdue() }
        probeTimer = LoopTimer(on: loop) { [unowned self] in probe() }
    }

    deinit { scratch.deallocate() }

    func setDelegate(_ delegate: any UpstreamPoolDelegate) { self.delegate = delegate }

    // MARK: - Exchanges

    /// Sends the request as soon as a connection is free. The delegate hears of the end exactly once,
    /// possibly before this returns.
    func submit(_ exchange: Exchange) {
        if availability.state == .silent, mainReturn.hasReturned(since: silenceStart) {
            endSilence()
        }
        if availability.state == .silent, exchange.purpose == .relay {
            fail(exchange, wasSent: false)
            return
        }
        if let connection = takeIdle() {
            send(exchange, on: connection)
        } else if busy.count < limits.connections {
            connect(exchange)
        } else if waiting.count < limits.waiting {
            waiting.append(exchange)
            if waiting.count == 1 { armWaitTimer() }
        } else {
            fail(exchange, wasSent: false)
        }
    }

    func takeIdle() -> HTTPClientConnection? {
        while let (connection, _) = idle.popLast() {
            if connection.isStillGood() { return connection }
            connection.close()
        }
        return nil
    }

    func connect(_ exchange: Exchange) {
        let candidates = address.candidates
        if candidates.isEmpty, address.isResolving, exchange.mayStillConnect, !isClosing,
            unresolved.count < limits.waiting
        {
            if unresolved.isEmpty { resolveTimer?.start(after: Self.resolutionInterval) }
            unresolved.append(exchange)
            return
        }
        guard exchange.failedAddresses < candidates.count else {
            fail(exchange, wasSent: false)
            return
        }
        // The address that failed has gone to the end of the list.
        let target = candidates[0]
        do throws(SystemError) {
            let connection = try HTTPClientConnection(
                loop: loop,
                address: target,
                maximumReplyBytes: limits.replyBytes,
                scratch: scratch,
                owner: self
            )
            addresses[ObjectIdentifier(connection)] = target
            send(exchange, on: connection)
        } catch {
            logger.error("cannot make a connection", metadata: ["error": "\(error)"])
            fail(exchange, wasSent: false)
        }
    }

    func send(_ exchange: Exchange, on connection: HTTPClientConnection) {
        let time = exchange.remainingTime
        guard time > .zero else {
            keep(connection)
            fail(exchange, wasSent: false)
            return
        }
        exchange.attempts += 1
        let id = ObjectIdentifier(connection)
        busy[id] = Lease(connection: connection, exchange: exchange)
        let request = HTTPClientConnection.Request(
            method: exchange.method,
            target: exchange.target,
            addFields: { [address] in exchange.addFields(to: $0, host: address.endpoint) },
            body: exchange.body
        )
        connection.send(request, connectTime: exchange.connectTime, time: time)
    }

    func fail(_ exchange: Exchange, wasSent: Bool) {
        delegate?.exchange(exchange, didFailWithRequestSent: wasSent)
    }

    // MARK: - Connections

    func endLease(of connection: HTTPClientConnection) -> Exchange? {
        let id = ObjectIdentifier(connection)
        defer { busy[id]?.exchange = nil }
        return busy[id]?.exchange
    }

    func keep(_ connection: HTTPClientConnection) {
        if idle.isEmpty { idleTimer?.start(after: limits.idleTime) }
        idle.append((connection, .now))
    }

    func sendWaiting() {
        while !waiting.isEmpty, !idle.isEmpty || busy.count < limits.connections {
            guard let exchange = waiting.popFirst() else { return }
            submit(exchange)
        }
    }

    func mainHasAnswered() {
        lastAnswer = .now
        mainReturn.hasAnswered()
        endSilence()
    }

    func endSilence() {
        if availability.hasAnswered() {
            mainReturn.endSilence()
            logger.info("the main is back", metadata: ["main": "\(address.endpoint)"])
            probeTimer?.cancel()
        }
    }

    // MARK: - Timers

    func destroyRetired() {
        let connections = retired
        retired = []
        for connection in connections { connection.destroy() }
    }

    func closeOld() {
        let limit = ContinuousClock.now - limits.idleTime
        let old = idle.prefix { $0.since <= limit }
        for (connection, _) in old { connection.close() }
        if let oldest = idle.first {
            idleTimer?.start(after: limits.idleTime - (ContinuousClock.now - oldest.since))
        }
    }

    func armWaitTimer() {
        if let first = waiting.first { waitTimer?.start(after: first.remainingTime) }
    }

    func failOverdue() {
        while let first = waiting.first, first.remainingTime <= .zero {
            _ = waiting.popFirst()
            fail(first, wasSent: false)
        }
        armWaitTimer()
    }

    func probe() {
        guard availability.state == .silent else { return }
        probeTimer?.start(after: Self.probeInterval)
        guard availability.beginProbe() else { return }
        submit(
            Exchange(
                .probe,
                nil,
                method: .get,
                target: "/livez",
                connectTime: Self.probeInterval,
                time: Self.probeInterval * MainAvailability.maximumProbes
            )
        )
    }

    /// The delegate passes the end of a probe on.
    func probeHasEnded() { availability.endProbe() }

    // MARK: - The end

    /// Closes everything. Exchanges in flight fail.
    func close() {
        isClosing = true
        for exchange in waiting.removeAll() + unresolved { fail(exchange, wasSent: false) }
        unresolved = []
        for (connection, _) in idle { connection.close() }
        for lease in busy.values { lease.connection.close() }
        destroyRetired()
        (reaper, idleTimer, waitTimer, probeTimer, resolveTimer) = (nil, nil, nil, nil, nil)
    }
}
