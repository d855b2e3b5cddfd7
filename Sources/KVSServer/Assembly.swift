import Basics
import EventHTTP
import EventLoops
import KVSStore
import Logging
import Wire

/// Who gets what: the parts of a server, made and joined as the configuration says.
///
/// It alone knows all of them. What a part needs, it is given here.
struct Assembly {
    /// One event loop with all that belongs to it.
    struct Instance: Sendable {
        let loop: EventLoop
        let server: HTTPServer
    }

    private let configuration: Configuration
    private let shares: Configuration.DescriptorShares
    private let logger: Logger
    private let log: LogQueue?

    /// - Parameters:
    ///   - openFiles: The limit of open descriptors in force, of which the loops' sockets have theirs
    ///     already.
    ///   - log: The program's, for the access log and the number of lines lost.
    init(_ configuration: Configuration, openFiles: Int, logger: Logger, log: LogQueue? = nil) {
        self.configuration = configuration
        self.log = log
        self.logger = logger
        shares = configuration.availableDescriptorShares(openFiles: openFiles)
    }

    /// Makes an event loop for each socket, around one store or one way to the main.
    ///
    /// - Parameter observer: Hears of the requests of all loops, in place of the access log.
    func instances(
        on sockets: [BoundSocket],
        observer: (any RequestObserver)? = nil
    ) throws(SystemError) -> [Instance] {
        let budget = BufferBudget(limit: configuration.maximumBufferedBytes)
        let connectionLimit = ConnectionLimit(shares.clients)
        let part = makePart()
        let metrics = LateMetrics()
        var counted: [Metrics.Loop] = []
        var instances: [Instance] = []
        for (index, socket) in sockets.enumerated() {
            let loop = try EventLoop(name: "kvs-loop-\(index)")
            let counts = Metrics.Loop(
                metrics: LoopMetrics(next: observer ?? accessLog()),
                lag: LoopLag(on: loop),
                pool: PoolMetrics()
            )
            counted.append(counts)
            let surroundings = LoopSurroundings(
                loop: loop,
                budget: budget,
                observer: counts.metrics
            )
            let server = try HTTPServer(
                surroundings: surroundings,
                socket: socket,
                handler: Router(
                    part.makeHandler(surroundings, counts.pool),
                    metrics: metrics,
                    lag: counts.lag
                ),
                ownAnswers: OwnAnswerTexts(),
                limits: httpLimits,
                connectionLimit: connectionLimit,
                logger: logger
            )
            instances.append(Instance(loop: loop, server: server))
        }
        metrics.set(
            Metrics(
                loops: counted,
                configuration: configuration,
                budget: budget,
                connectionLimit: shares.clients,
                store: part.store,
                belief: part.belief,
                droppedLines: { [log] in log?.droppedCount ?? 0 }
            )
        )
        return instances
    }

    /// A loop's; nil where none is asked for.
    private func accessLog() -> AccessLog? {
        guard configuration.accessLog, let log else { return nil }
        return AccessLog(log, format: configuration.logFormat)
    }

    /// What the role makes the difference in.
    private struct Part {
        var store: KeyValueStore?
        var belief: SharedBelief?
        let makeHandler: (LoopSurroundings, PoolMetrics) -> any RouteHandler
    }

    private func makePart() -> Part {
        switch configuration.role {
        case .main: mainPart()
        case .forwarder(let main): forwarderPart(to: main)
        }
    }

    /// The main's: one store for all loops.
    private func mainPart() -> Part {
        let store = KeyValueStore(
            maxBytes: configuration.maximumMemoryBytes,
            ceiling: configuration.storeCeilingBytes,
            floor: configuration.storeFloorBytes
        )
        // One loop does it for all.
        var sweep: ExpirySweep? = ExpirySweep(of: store)
        return Part(store: store) { surroundings, _ in
            let budget = surroundings.budget
            let engine = LocalEngine(store: store) { budget.usedBytes }
            let expiry = sweep.take().map { ExpiryTask($0, on: surroundings) }
            return StoreHandler(engine, on: surroundings, expiry: expiry)
        }
    }

    /// A forwarder's: connections for each loop, one address and one belief about the main for all.
    private func forwarderPart(to main: Endpoint) -> Part {
        let address = MainAddress(main)
        let time = TimeSpan(configuration.forwardTimeout)
        let limits = ForwardingCore.Limits(
            connections: shares.mainConnectionsPerLoop,
            connectTime: TimeSpan(configuration.connectTimeout)
        )
        let belief = SharedBelief()
        return Part(belief: belief) { surroundings, metrics in
            let pool = MainPool(
                surroundings,
                main: address,
                belief: belief,
                metrics: metrics,
                limits: limits,
                logger: logger
            )
            return Relay(pool: pool, time: time)
        }
    }

    /// What the configuration means for the loops' servers.
    private var httpLimits: HTTPLimits {
        HTTPLimits(
            request: RequestReader.Limits(bodyBytes: Self.maximumBodyBytes),
            requestTicks: HTTPLimits.ticks(configuration.requestTimeout),
            idleTicks: HTTPLimits.ticks(configuration.idleTimeout),
            lingerTicks: HTTPLimits.ticks(.seconds(2))
        )
    }

    /// 3 × 1.5 MiB + 64 KiB: percent-encoding may triple the largest value, and the rest of the
    /// body (field names, boundaries) needs a little.
    private static let maximumBodyBytes = 3 * Item.maxRawValueBytes + 65_536
}
