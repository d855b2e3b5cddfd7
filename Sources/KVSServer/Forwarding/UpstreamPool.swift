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
    /// The value of `Host`.
    private let host: String
    private var lines = FieldLines()
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    /// All connections, busy and idle, in no order.
    private var upstreams: [Upstream] = []
    private var idle: [Upstream] = []
    var waiting = ExchangeQueue()
    /// Exchanges that wait until the main's name has been looked up for the first time.
    var unresolved: [Exchange] = []
    var resolveTimer: LoopTimer?
    private var retired: [Upstream] = []
    var reaper: LoopTimer?
    var idleTimer: LoopTimer?
    var waitTimer: LoopTimer?
    var probeTimer: LoopTimer?
    var availability = MainAvailability()
    let mainReturn: MainReturn
    var silenceStart: UInt64 = 0
    var isClosing = false
    var lastAnswer: ContinuousClock.Instant?

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
        host = address.endpoint.description
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
        if let upstream = takeIdle() {
            send(exchange, on: upstream)
        } else if hasRoom {
            connect(exchange)
        } else if waiting.count < limits.waiting {
            waiting.append(exchange)
            if waiting.count == 1 { armWaitTimer() }
        } else {
            fail(exchange, wasSent: false)
        }
    }

    /// Whether one more connection may be busy.
    var hasRoom: Bool { upstreams.count - idle.count < limits.connections }

    private func takeIdle() -> Upstream? {
        while let upstream = idle.popLast() {
            if upstream.connection.isStillGood() { return upstream }
            upstream.connection.close()
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
            let upstream = try Upstream(pool: self, address: target)
            upstream.tableIndex = upstreams.count
            upstreams.append(upstream)
            send(exchange, on: upstream)
        } catch {
            logger.error("cannot make a connection", metadata: ["error": "\(error)"])
            fail(exchange, wasSent: false)
        }
    }

    private func send(_ exchange: Exchange, on upstream: Upstream) {
        let time = exchange.remainingTime
        guard time > .zero else {
            keep(upstream)
            fail(exchange, wasSent: false)
            return
        }
        exchange.attempts += 1
        upstream.send(exchange, time: time) { list in
            lines.removeAll()
            lines.write(host)
            exchange.writeFields(to: &lines)
            list.add("Host", lines)
        }
    }

    func fail(_ exchange: Exchange, wasSent: Bool) {
        delegate?.exchange(exchange, didFailWithRequestSent: wasSent)
    }

    // MARK: - Connections

    private func keep(_ upstream: Upstream) {
        if idle.isEmpty { idleTimer?.start(after: limits.idleTime) }
        idle.append(upstream)
    }

    func didBecomeIdle(_ upstream: Upstream) {
        keep(upstream)
        sendWaiting()
    }

    func didClose(_ upstream: Upstream) {
        idle.removeAll { $0 === upstream }
        let last = upstreams.removeLast()
        if last !== upstream {
            upstreams[upstream.tableIndex] = last
            last.tableIndex = upstream.tableIndex
        }
        if retired.isEmpty { reaper?.runSoon() }
        retired.append(upstream)
        sendWaiting()
    }

    private func sendWaiting() {
        while !waiting.isEmpty, !idle.isEmpty || hasRoom {
            guard let exchange = waiting.popFirst() else { return }
            submit(exchange)
        }
    }

    // MARK: - Timers

    func destroyRetired() {
        let upstreams = retired
        retired = []
        for upstream in upstreams { upstream.connection.destroy() }
    }

    func closeOld() {
        let limit = ContinuousClock.now - limits.idleTime
        let old = idle.prefix { $0.idleSince <= limit }
        for upstream in old { upstream.connection.close() }
        if let oldest = idle.first {
            idleTimer?.start(after: limits.idleTime - (ContinuousClock.now - oldest.idleSince))
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

    // MARK: - The end

    /// Closes everything. Exchanges in flight fail.
    func close() {
        isClosing = true
        for exchange in waiting.removeAll() + unresolved { fail(exchange, wasSent: false) }
        unresolved = []
        for upstream in upstreams { upstream.connection.close() }
        destroyRetired()
        (reaper, idleTimer, waitTimer, probeTimer, resolveTimer) = (nil, nil, nil, nil, nil)
    }
}
