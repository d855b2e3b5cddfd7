import Basics
import EventHTTP
import EventLoops
import Wire

/// One connection to the main: what it hears, it tells the pool. For use on the loop's thread only.
final class MainConnection: HTTPClientConnectionOwner {
    let id: ConnectionID
    let http: HTTPClientConnection
    // Safe: the pool holds its mainConnections, and destroys them before it goes.
    private unowned(unsafe) let pool: MainPool
    /// The exchange whose request it carries.
    private var exchange: Exchange?
    private var hasAskedForTimeout = false

    init(pool: MainPool, id: ConnectionID, address: SocketAddress) throws(SystemError) {
        self.pool = pool
        self.id = id
        http = try HTTPClientConnection(
            pool.surroundings,
            address: address,
            maximumReplyBytes: MainPool.maximumReplyBytes
        )
        http.owner = self
    }

    /// Sends the exchange's request.
    func send(_ exchange: Exchange, host: String, lines: inout FieldLines) {
        self.exchange = exchange
        let request = HTTPClientConnection.Request(
            method: exchange.method,
            target: exchange.target,
            body: exchange.body
        )
        lines.removeAll()
        lines.write(host)
        exchange.writeFields(to: &lines)
        if !hasAskedForTimeout {
            // Once for each connection: the main then says how long it keeps it.
            hasAskedForTimeout = true
            lines.begin("Connection")
            lines.write("keep-alive")
            lines.begin("Keep-Alive")
            lines.write("timeout=30")
        }
        let bytes = lines.bytes
        let isWhole = lines.isWhole
        http.send(request, fieldBytes: bytes.count) {
            isWhole && $0.add("Host", lines: bytes)
        }
    }

    var bytesHeldForClient: Int { exchange?.bytesHeldForClient ?? 0 }

    func hasConnected() { pool.driver.handle(.connected(id)) }

    func bytesHaveLeft() { pool.bytesHaveLeft(on: id) }

    func bytesHaveCome() { pool.bytesHaveCome() }

    func didReceive(_ reply: HTTPClientReply, isReusable: Bool) {
        exchange.take()?.receive(reply)
        pool.driver.handle(
            .replied(
                id,
                isReusable: isReusable,
                keepsFor: reply.head.keepsForSeconds.map { .seconds(Int64($0)) }
            )
        )
    }

    func didFail(_ failure: ConnectionFailure) {
        exchange = nil
        pool.driver.handle(.failed(id, failure))
    }

    /// Lets go of the socket's events and of the exchange; ``HTTPClientConnection/destroy()`` comes later.
    func close() {
        exchange = nil
        http.close()
    }
}
