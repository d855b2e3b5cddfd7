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

    /// - Parameter openFiles: The limit of open descriptors in force, of which the loops' sockets
    ///   have theirs already.
    init(_ configuration: Configuration, openFiles: Int, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        shares = configuration.availableDescriptorShares(openFiles: openFiles)
    }

    /// Makes an event loop for each socket, around one store or one way to the main.
    func instances(
        on sockets: [BoundSocket],
        observer: (any RequestObserver)?
    ) throws(SystemError) -> [Instance] {
        let budget = BufferBudget(limit: configuration.maximumBufferedBytes)
        let connectionLimit = ConnectionLimit(shares.clients)
        let makeHandler = handlerFactory()
        var instances: [Instance] = []
        for (index, socket) in sockets.enumerated() {
            let loop = try EventLoop(name: "kvs-loop-\(index)")
            let surroundings = LoopSurroundings(loop: loop, budget: budget, observer: observer)
            let server = try HTTPServer(
                surroundings: surroundings,
                socket: socket,
                handler: Router(makeHandler(surroundings)),
                ownAnswers: OwnAnswerTexts(),
                limits: httpLimits,
                connectionLimit: connectionLimit,
                logger: logger
            )
            instances.append(Instance(loop: loop, server: server))
        }
        return instances
    }

    private func handlerFactory() -> (LoopSurroundings) -> any RouteHandler {
        switch configuration.role {
        case .main: storeHandlers()
        case .forwarder(let main): relays(to: main)
        }
    }

    /// The main's: one store for all loops.
    private func storeHandlers() -> (LoopSurroundings) -> any RouteHandler {
        let store = KeyValueStore(
            maxBytes: configuration.maximumMemoryBytes,
            ceiling: configuration.storeCeilingBytes,
            floor: configuration.storeFloorBytes
        )
        return { surroundings in
            let budget = surroundings.budget
            return StoreHandler(LocalEngine(store: store) { budget.usedBytes })
        }
    }

    /// A forwarder's: connections for each loop, one address and one belief about the main for all.
    private func relays(to main: Endpoint) -> (LoopSurroundings) -> any RouteHandler {
        let address = MainAddress(main)
        let time = TimeSpan(configuration.forwardTimeout)
        let limits = ForwardingCore.Limits(
            connections: shares.mainConnectionsPerLoop,
            connectTime: TimeSpan(configuration.connectTimeout)
        )
        let belief = SharedBelief()
        return { surroundings in
            let pool = MainPool(
                surroundings,
                main: address,
                belief: belief,
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
