/// The life of a client connection as a pure state machine: events in, actions out, no I/O.
///
/// ``HTTPClientConnection`` tells it what happens and does what it says.
struct HTTPClientState: Equatable, Sendable {
    enum Phase: Equatable, Sendable {
        /// Made, and never used.
        case new
        /// Waits for the connection, with a request at hand.
        case connecting
        /// Sends a request.
        case sending
        /// The request has gone; its reply is awaited or coming in.
        case awaitingReply
        /// Connected, without a request.
        case idle
        case closed
    }

    enum Event: Equatable, Sendable {
        /// Somebody hands over a request.
        case assign
        case connected
        /// The kernel has taken bytes of the request.
        case bytesSent
        /// The kernel has taken all of it.
        case requestSent
        /// A whole, valid reply is there.
        case replied(isReusable: Bool)
        /// The peer closed or reset, sent what is no reply, or could not be reached.
        case failed
        /// The time for connecting, or for the whole exchange, is over.
        case timedOut
        /// Bytes, or the end of the stream, while nothing was asked.
        case disturbed
        /// The owner needs the connection no longer.
        case close
    }

    enum Action: Equatable, Sendable {
        case none
        case connect
        case send
        /// Hand the reply over, then keep the connection for the next request.
        case deliverAndKeep
        /// Hand the reply over, then close.
        case deliverAndClose
        /// Tell that there is no reply, and close.
        case fail(Failure)
        case close
    }

    /// Why there is no reply.
    struct Failure: Equatable, Sendable {
        /// Whether the peer may have seen any of the request.
        let wasSent: Bool
        /// Whether the connection, which had served before, may simply have been stale.
        let isRetryable: Bool
        /// Whether the peer did not answer in time.
        let isTimeout: Bool
    }

    private(set) var phase = Phase.new
    /// Whether any byte of the present request has left.
    private(set) var hasSentBytes = false
    /// Whether the connection has brought a reply before.
    private(set) var hasServed = false

    mutating func handle(_ event: Event) -> Action {
        switch (phase, event) {
        case (.closed, _):
            return .none
        case (.new, .assign):
            phase = .connecting
            return .connect
        case (.idle, .assign):
            phase = .sending
            hasSentBytes = false
            return .send
        case (.connecting, .connected):
            phase = .sending
            return .none
        case (.connecting, .bytesSent), (.sending, .bytesSent):
            hasSentBytes = true
            return .none
        case (.sending, .requestSent):
            phase = .awaitingReply
            return .none
        case (.awaitingReply, .replied(let isReusable)):
            phase = isReusable ? .idle : .closed
            hasServed = true
            return isReusable ? .deliverAndKeep : .deliverAndClose
        case (.connecting, .failed), (.sending, .failed), (.awaitingReply, .failed),
            // A reply to half a request answers something else.
            (.connecting, .replied), (.sending, .replied):
            return fail(isTimeout: false)
        case (.connecting, .timedOut), (.sending, .timedOut), (.awaitingReply, .timedOut):
            return fail(isTimeout: true)
        case (.idle, .disturbed), (.idle, .failed), (.idle, .close), (.new, .close):
            phase = .closed
            return .close
        case (.connecting, .close), (.sending, .close), (.awaitingReply, .close):
            return fail(isTimeout: false)
        default:
            return .none
        }
    }

    private mutating func fail(isTimeout: Bool) -> Action {
        phase = .closed
        return .fail(
            Failure(
                wasSent: hasSentBytes,
                isRetryable: hasServed && !isTimeout,
                isTimeout: isTimeout
            )
        )
    }
}
