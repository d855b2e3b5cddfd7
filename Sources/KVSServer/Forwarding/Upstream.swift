/// One connection to the main, and the exchange that it carries. For use on the loop's thread only.
final class Upstream: HTTPClientConnectionOwner {
    let connection: HTTPClientConnection
    /// Which of the main's addresses it leads to.
    let address: SocketAddress
    private unowned let pool: UpstreamPool
    /// The exchange under way, until somebody has been told how it ended.
    private var exchange: Exchange?
    /// Since when it has had nothing to do.
    private(set) var idleSince = ContinuousClock.now
    /// Where it stands in the pool's table.
    var tableIndex = -1

    init(pool: UpstreamPool, address: SocketAddress) throws(SystemError) {
        self.pool = pool
        self.address = address
        connection = try HTTPClientConnection(
            loop: pool.loop,
            address: address,
            maximumReplyBytes: pool.limits.replyBytes,
            scratch: pool.scratch
        )
        connection.owner = self
    }

    /// Sends the exchange's request. The pool hears of the end exactly once, possibly before this returns.
    func send(_ exchange: Exchange, time: Duration, addFields: (HeaderList) -> Void) {
        self.exchange = exchange
        let request = HTTPClientConnection.Request(
            method: exchange.method,
            target: exchange.target,
            body: exchange.body
        )
        connection.send(
            request,
            connectTime: exchange.connectTime,
            time: time,
            addFields: addFields
        )
    }

    func didReceive(_ reply: HTTPClientReply) {
        guard let exchange = exchange.take() else { return }
        pool.exchange(exchange, didReceive: reply)
    }

    func didFail(_ failure: HTTPClientState.Failure) {
        guard let exchange = exchange.take() else { return }
        pool.exchange(exchange, on: self, didFail: failure)
    }

    func didBecomeIdle() {
        idleSince = .now
        pool.didBecomeIdle(self)
    }

    func didClose() { pool.didClose(self) }
}
