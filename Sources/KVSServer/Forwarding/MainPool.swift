import Basics
import EventHTTP
import EventLoops
import KVSStore
import Logging
import Wire

/// One loop's connections to the main: the world in which the forwarding core decides.
///
/// For use on the loop's thread only.
final class MainPool: ForwardingWorld, LoopTask, @unchecked Sendable {
    // Safe: made before the loop's thread starts, used on that thread only.

    /// Replies, in bytes: JSON may need six bytes for one of the value.
    static let maximumReplyBytes = 6 * Item.maxRawValueBytes + 65_536

    let surroundings: LoopSurroundings
    let main: MainAddress
    let driver: ForwardingDriver<MainPool>
    private let belief: SharedBelief
    private let metrics: PoolMetrics
    private let logger: Logger
    /// Makes and answers our own questions. Owns the pool, and so outlives it; set once.
    unowned var relay: Relay?
    /// The value of `Host`.
    private let host: String
    // Safe: used on the loop's thread only, and no access lasts while an mainConnection or the core is called. So
    // also the tables below. (Measured: the checks took 1,700 instructions of a relayed GET.)
    @exclusivity(unchecked) private var lines = FieldLines()
    /// The main's addresses, in the order in which the core counts them.
    private var addresses: [SocketAddress] = []
    /// By the slots of the core's connections.
    @exclusivity(unchecked) private var mainConnections: [MainConnection?] = []
    /// By the slots of the core's exchanges.
    @exclusivity(unchecked) private var exchanges: [Exchange?] = []
    @exclusivity(unchecked) private var freeSlots: [ExchangeID] = []
    private var retired: [MainConnection] = []
    private var reference: LoopReference<MainPool>?
    private var reaper: LoopTimer?
    private var timer: LoopTimer?
    // Safe: used on the loop's thread only.
    @exclusivity(unchecked) var isQueued = false

    init(
        _ surroundings: LoopSurroundings,
        main: MainAddress,
        belief: SharedBelief,
        metrics: PoolMetrics,
        limits: ForwardingCore.Limits,
        logger: Logger
    ) {
        self.surroundings = surroundings
        self.main = main
        self.belief = belief
        self.metrics = metrics
        self.logger = logger
        host = main.endpoint.hostField
        driver = ForwardingDriver(core: ForwardingCore(limits: limits, addresses: 0))
        driver.world = self
        let loop = surroundings.loop
        reaper = LoopTimer(on: loop) { [unowned self] in destroyRetired() }
        timer = LoopTimer(on: loop) { [unowned self] in driver.timerHasGoneOff() }
        let reference = LoopReference(to: self)
        self.reference = reference
        main.observe { addresses in
            loop.execute { reference.object?.nameHasChanged(addresses) }
        }
        nameHasChanged(main.addresses)
    }

    deinit { reference?.end() }

    /// How long a probe may take.
    var probeTime: TimeSpan { driver.core.limits.probeTime }

    // MARK: - What comes in

    /// Sends the request as soon as a connection is free. Its client is told how it ended, later, exactly
    /// once.
    func submit(_ exchange: Exchange) {
        learnFromOthers()
        let slot = freeSlots.popLast() ?? exchanges.count
        if slot == exchanges.count { exchanges.append(nil) }
        exchanges[slot] = exchange
        driver.handle(
            .submit(
                slot,
                isProbe: exchange.purpose == .probe,
                isWrite: exchange.isWrite,
                start: exchange.start,
                deadline: exchange.deadline
            )
        )
    }

    /// What another loop has found out meanwhile.
    private func learnFromOthers() {
        let isSilent = belief.isSilent
        guard isSilent != (driver.core.health.state == .silent) else { return }
        driver.handle(isSilent ? .silentElsewhere : .answeredElsewhere)
    }

    func bytesHaveLeft(on connection: ConnectionID) {
        driver.bytesHaveLeft(connection)
        turnHasEnded()
    }

    func bytesHaveCome() {
        driver.bytesHaveCome()
        if let time = driver.core.health.lastAnswer { belief.noteAnswer(at: time) }
        // Where another loop has taken the main for silent.
        if belief.isSilent { healthHasChanged(.present) }
    }

    private func nameHasChanged(_ addresses: [SocketAddress]) {
        guard !addresses.isEmpty else { return }
        self.addresses = addresses
        driver.handle(.resolved(addresses: addresses.count))
    }

    func takeTurn() { driver.takeTurn() }

    // MARK: - What the core wants done

    var now: MonotonicTime { .now }

    var timeOfLastAnswer: MonotonicTime { belief.timeOfLastAnswer }

    func connect(_ connection: ConnectionID, toAddress index: Int, for id: ExchangeID) {
        let slot = Int(connection.slot)
        while mainConnections.count <= slot { mainConnections.append(nil) }
        // The name may have come to mean fewer addresses a moment ago.
        guard addresses.indices.contains(index) else {
            driver.handle(.failed(connection, .stale))
            return
        }
        do throws(SystemError) {
            let mainConnection = try MainConnection(
                pool: self,
                id: connection,
                address: addresses[index]
            )
            mainConnections[slot] = mainConnection
            transmit(id, on: mainConnection)
        } catch {
            logger.error("cannot make a connection", metadata: ["error": "\(error)"])
            driver.handle(.failed(connection, .local))
        }
    }

    func send(_ id: ExchangeID, on connection: ConnectionID) {
        guard let mainConnection = mainConnections[Int(connection.slot)],
            mainConnection.http.isStillGood()
        else {
            driver.handle(.failed(connection, .stale))
            return
        }
        transmit(id, on: mainConnection)
    }

    private func transmit(_ id: ExchangeID, on mainConnection: MainConnection) {
        guard let exchange = exchanges[id] else { return }
        guard !exchange.isLost else {
            driver.handle(.failed(mainConnection.id, .local))
            return
        }
        mainConnection.send(exchange, host: host, lines: &lines)
    }

    func close(_ connection: ConnectionID) {
        guard let mainConnection = mainConnections[Int(connection.slot)].take() else { return }
        mainConnection.close()
        // Its own frames may be below us on the stack.
        if retired.isEmpty { reaper?.runSoon() }
        retired.append(mainConnection)
    }

    func finish(_ id: ExchangeID, _ ending: ExchangeEnding) {
        guard let exchange = exchanges[id].take() else { return }
        freeSlots.append(id)
        exchange.finish(ending)
        if case .failed = ending, exchange.purpose == .relay, !exchange.isLost {
            metrics.clientGetsNoAnswer()
        }
        surroundings.queue.append(exchange)
    }

    func sendProbe() {
        if belief.isSilent {
            let spacing = driver.core.health.probeSpacing
            if belief.mayProbe(at: now, spacing: spacing) { relay?.submitProbe() }
        } else {
            driver.handle(.answeredElsewhere)
        }
    }

    func resolve() { main.resolve() }

    func healthHasChanged(_ state: MainHealth.State) {
        let metadata: Logger.Metadata = ["main": "\(main.endpoint)"]
        switch state {
        case .silent:
            if belief.declareSilence() { logger.warning("the main is silent", metadata: metadata) }
        case .present:
            if belief.declareReturn() { logger.info("the main is back", metadata: metadata) }
        }
    }

    func takeTurnLater() { surroundings.queue.append(self) }

    func setTimer(_ time: MonotonicTime) { timer?.start(after: time - now) }

    func turnHasEnded() {
        let core = driver.core
        metrics.note(
            core.counts,
            idle: core.idle.count,
            connections: core.connectionCount,
            waiting: core.waitingCount
        )
    }

    // MARK: - The end

    private func destroyRetired() {
        let mainConnections = retired
        retired = []
        for mainConnection in mainConnections { mainConnection.http.destroy() }
    }

    /// Closes everything. Exchanges that are under way are forgotten.
    func close() {
        driver.handle(.close)
        while !driver.core.isEmpty { driver.takeTurn() }
        destroyRetired()
        (reaper, timer) = (nil, nil)
    }
}
