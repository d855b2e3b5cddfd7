import Basics
import EventHTTP
import EventLoops
import Wire

/// One connection of a client. For use on the loop's thread only.
///
/// What it hears comes on the stack of a call to it; so it is told to ``ClientCalls`` from the loop's queue.
final class ClientConnection: HTTPClientConnectionOwner {
    enum End {
        case replied(ClientReply, isReusable: Bool)
        case failed(ConnectionFailure)
    }

    /// Which one of the host's addresses it goes to: counted on and on, beyond their number.
    let addressIndex: Int
    private let connection: HTTPClientConnection
    private let tell: (ClientConnection, End) -> Void
    private(set) var call: ClientCall?
    private var body: EventBuffer?
    /// Whether it has carried a request before the present one.
    private(set) var isUsed = false

    /// - Parameter tell: Hears how a call has ended, with an empty stack.
    init(
        _ surroundings: LoopSurroundings,
        address: SocketAddress,
        addressIndex: Int,
        maximumReplyBytes: Int,
        tell: @escaping (ClientConnection, End) -> Void
    ) throws(SystemError) {
        connection = try HTTPClientConnection(
            surroundings,
            address: address,
            maximumReplyBytes: maximumReplyBytes
        )
        self.addressIndex = addressIndex
        self.tell = tell
        connection.owner = self
    }

    deinit { body?.free() }

    /// Whether it is open, with nothing to read.
    var isStillGood: Bool { connection.isStillGood() }

    /// Sends a call's request.
    ///
    /// - Throws: ``KVSClientError/system(_:)`` where there is no memory for it.
    func send(_ call: ClientCall, host: String) throws(KVSClientError) {
        body = try call.makeBody()
        self.call = call
        call.attempts += 1
        var lines = FieldLines()
        lines.write(host)
        lines.begin("Accept")
        lines.write("application/octet-stream")
        if body != nil {
            lines.begin("Content-Type")
            lines.write("application/octet-stream")
        }
        if let field = call.condition?.field {
            lines.begin(field.name)
            lines.write(field.value)
        }
        let bytes = lines.bytes
        let isWhole = lines.isWhole
        let request = HTTPClientConnection.Request(
            method: call.method,
            target: call.target,
            body: body
        )
        connection.send(request, fieldBytes: bytes.count) {
            isWhole && $0.add("Host", lines: bytes)
        }
    }

    // MARK: - What it hears

    let bytesHeldForClient = 0

    func hasConnected() {}

    func bytesHaveLeft() { call?.hasLeft = true }

    func bytesHaveCome() {}

    func didReceive(_ reply: HTTPClientReply, isReusable: Bool) {
        isUsed = true
        tell(self, .replied(ClientReply(reply), isReusable: isReusable))
    }

    func didFail(_ failure: ConnectionFailure) { tell(self, .failed(failure)) }

    // MARK: - The end

    /// The call has ended; the next one may come.
    ///
    /// - Returns: The call.
    func finish() -> ClientCall? {
        body?.free()
        body = nil
        return call.take()
    }

    /// Closes it. Not to be called on the stack of a call to it.
    func close() { connection.destroy() }
}
