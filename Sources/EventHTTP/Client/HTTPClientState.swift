import Basics

/// The life of a client connection as a pure state machine: events in, actions out, no I/O.
///
/// ``HTTPClientConnection`` tells it what happens and does what it says. How long something may take, and
/// whether a request is sent again, is for its owner to decide.
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
        /// The kernel has taken all of the request.
        case requestSent
        /// A whole, valid reply is there.
        case replied(isReusable: Bool)
        /// The peer closed or reset, sent what is no reply, or could not be reached.
        case failed(ConnectionFailure)
        /// Bytes, or the end of the stream, while nothing was asked.
        case disturbed
        /// The owner needs the connection no longer.
        case close
    }

    enum Action: Equatable, Sendable {
        case none
        case connect
        case send
        /// Hand the reply over. The connection is ready for the next request, or of no use any more.
        case deliver(isReusable: Bool)
        /// Tell that nothing more will come of this connection.
        case fail(ConnectionFailure)
    }

    private(set) var phase = Phase.new

    mutating func handle(_ event: Event) -> Action {
        switch (phase, event) {
        case (.closed, _):
            return .none
        case (_, .close):
            phase = .closed
            return .none
        case (.new, .assign):
            phase = .connecting
            return .connect
        case (.idle, .assign):
            phase = .sending
            return .send
        case (.connecting, .connected):
            phase = .sending
            return .none
        case (.sending, .requestSent):
            phase = .awaitingReply
            return .none
        case (.awaitingReply, .replied(let isReusable)):
            phase = isReusable ? .idle : .closed
            return .deliver(isReusable: isReusable)
        case (.new, .failed(let failure)), (.connecting, .failed(let failure)),
            (.sending, .failed(let failure)), (.awaitingReply, .failed(let failure)),
            (.idle, .failed(let failure)):
            phase = .closed
            return .fail(failure)
        case (.idle, .disturbed):
            phase = .closed
            return .fail(.lost)
        default:
            return .none
        }
    }
}
