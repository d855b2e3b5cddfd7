import Logging

extension Configuration {
    /// What the configuration means for one loop's server.
    ///
    /// - Parameter openFiles: The limit of open descriptors in force.
    func httpLimits(openFiles: Int) -> HTTPLimits {
        let connections = availableDescriptorShares(openFiles: openFiles).clients
        return HTTPLimits(
            bodyBytes: Self.maximumBodyBytes,
            connections: max(1, connections / threads),
            requestTicks: HTTPLimits.ticks(requestTimeout),
            idleTicks: HTTPLimits.ticks(idleTimeout),
            lingerTicks: HTTPLimits.ticks(.seconds(2))
        )
    }

    /// Makes the handlers of all loops, around one store or one way to the main.
    func handlerFactory(logger: Logger) -> (EventLoop) -> any KeyRequestHandler {
        switch role {
        case .main:
            let store = KeyValueStore(maxBytes: maximumMemoryBytes)
            return { _ in StoreHandler(store: store) }
        case .forwarder(let main):
            let address = MainAddress(main, logger: logger)
            let timeouts = Relay.Timeouts(connect: connectTimeout, exchange: forwardTimeout)
            // It has been raised: this only asks what came of that.
            let shares = availableDescriptorShares(openFiles: OpenFileLimit.raise())
            let limits = UpstreamPool.Limits(connections: shares.upstreamsPerLoop)
            let mainReturn = MainReturn()
            return { loop in
                let pool = UpstreamPool(
                    loop: loop,
                    address: address,
                    mainReturn: mainReturn,
                    limits: limits,
                    logger: logger
                )
                return Relay(pool: pool, timeouts: timeouts)
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
