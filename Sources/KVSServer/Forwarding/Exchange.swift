import Basics
import EventHTTP
import EventLoops
import Wire

/// One request on its way to the main, until somebody has been told how it ended.
///
/// For use on the loop's thread only.
final class Exchange: LoopTask {
    /// Who wants to know.
    enum Purpose {
        /// A client's request for a key.
        case relay
        /// A client's question whether the main can be reached.
        case readiness
        /// Our own question, while the main is away.
        case probe
    }

    let purpose: Purpose
    let method: HTTPMethod
    let target: String
    let start: MonotonicTime
    /// When the answer is due.
    let deadline: MonotonicTime
    // Safe: used on the loop's thread only; taken out before the relay answers it.
    @exclusivity(unchecked) private var request: HTTPRequest?
    /// Answers the client.
    // Safe: the server holds the relay until its loop has ended, and with it every turn of an exchange.
    private unowned(unsafe) let relay: Relay
    /// How it ended; nil until then.
    private(set) var ending: ExchangeEnding?
    private var reply: HTTPClientReply?
    // Safe: used on the loop's thread only.
    @exclusivity(unchecked) var isQueued = false

    init(
        _ purpose: Purpose,
        _ request: consuming HTTPRequest?,
        for relay: Relay,
        method: HTTPMethod,
        target: String,
        time: TimeSpan
    ) {
        self.purpose = purpose
        self.request = request
        self.relay = relay
        self.method = method
        self.target = target
        start = .now
        deadline = start + time
    }

    /// Whether the request changes the main's data, so that sending it twice could do harm.
    var isWrite: Bool { method == .put || method == .delete }

    /// Whether the client has gone: its request must not be sent any more, as there is neither its body nor a
    /// field of it.
    var isLost: Bool { request?.isLost ?? (purpose != .probe) }

    /// The body to send; nil where there is none. What comes with a GET or DELETE means nothing.
    var body: EventBuffer? { method == .put ? request?.body : nil }

    /// What the budget counts for the client.
    var bytesHeldForClient: Int { request?.heldBytes ?? 0 }

    /// Writes the header fields to send behind `Host`: our own, and the client's.
    func writeFields(to lines: inout FieldLines) {
        if purpose == .probe {
            RelayedFields.writeMark(to: &lines)
        } else {
            request?.writeRelayedFields(to: &lines)
        }
    }

    /// The main has answered. ``finish(_:)`` comes next.
    func receive(_ reply: HTTPClientReply) { self.reply = reply }

    /// It has ended. The client hears of it when its turn comes (``takeTurn()``).
    func finish(_ ending: ExchangeEnding) { self.ending = ending }

    /// Tells the client, with an empty stack.
    func takeTurn() {
        guard let ending, let request = request.take() else { return }
        relay.answer(request, to: self, ending, reply.take())
    }
}
