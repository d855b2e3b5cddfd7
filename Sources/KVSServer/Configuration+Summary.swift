import Logging

extension Configuration {
    /// What the configuration means for the loops' servers.
    var httpLimits: HTTPLimits {
        HTTPLimits(
            bodyBytes: Self.maximumBodyBytes,
            requestTicks: HTTPLimits.ticks(requestTimeout),
            idleTicks: HTTPLimits.ticks(idleTimeout),
            lingerTicks: HTTPLimits.ticks(.seconds(2))
        )
    }

    /// Makes the handlers of all loops, around one store or one way to the main.
    func handlerFactory(
        logger: Logger
    ) -> (LoopSurroundings) -> any KeyRequestHandler {
        switch role {
        case .main:
            let store = KeyValueStore(
                maxBytes: maximumMemoryBytes,
                ceiling: storeCeilingBytes,
                floor: storeFloorBytes
            )
            return { StoreHandler(store: store, budget: $0.budget) }
        case .forwarder(let main):
            let address = MainAddress(main)
            let time = TimeSpan(forwardTimeout)
            // It has been raised: this only asks what came of that.
            let shares = availableDescriptorShares(openFiles: OpenFileLimit.raise())
            let limits = ForwardingCore.Limits(
                connections: shares.upstreamsPerLoop,
                connectTime: TimeSpan(connectTimeout)
            )
            let belief = SharedBelief()
            return { surroundings in
                let pool = UpstreamPool(
                    surroundings,
                    main: address,
                    belief: belief,
                    limits: limits,
                    logger: logger
                )
                return Relay(pool: pool, time: time)
            }
        }
    }

    /// 3 × 1.5 MiB + 64 KiB: percent-encoding may triple the largest value, and the rest of the body
    /// (field names, boundaries) needs a little.
    static let maximumBodyBytes = 3 * Item.maxRawValueBytes + 65_536

    /// The start-up line: who this is, where, and its limits.
    func summary(address: String) -> Logger.Metadata {
        var summary: Logger.Metadata = [
            "url": "http://\(address)/kvs",
            "threads": "\(threads)",
            "max-memory": "\(maximumMemoryBytes)",
            "max-buffered": "\(maximumBufferedBytes)",
            "request-timeout": "\(requestTimeout)",
            "idle-timeout": "\(idleTimeout)",
        ]
        if let maximumConnections { summary["max-connections"] = "\(maximumConnections)" }
        switch role {
        case .main:
            summary["role"] = "main"
        case .forwarder(let main):
            summary["role"] = "forwarder"
            summary["main"] = "\(main)"
            summary["connect-timeout"] = "\(connectTimeout)"
            summary["forward-timeout"] = "\(forwardTimeout)"
        }
        return summary
    }
}
