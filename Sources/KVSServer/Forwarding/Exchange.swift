/// One request on its way to the main, until somebody has been told how it ended.
///
/// For use on the loop's thread only.
final class Exchange {
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
    let start = ContinuousClock.now
    /// When the answer is due.
    let deadline: ContinuousClock.Instant
    /// How long connecting may take.
    let connectTime: Duration
    /// The connections that have been tried.
    var attempts = 0
    /// Addresses of the main where nobody could be reached.
    var failedAddresses = 0
    private var request: HTTPRequest?

    init(
        _ purpose: Purpose,
        _ request: consuming HTTPRequest?,
        method: HTTPMethod,
        target: String,
        connectTime: Duration,
        time: Duration
    ) {
        self.purpose = purpose
        self.request = request
        self.method = method
        self.target = target
        self.connectTime = connectTime
        deadline = start + time
    }

    /// Whether the time to connect is not over yet.
    var mayStillConnect: Bool { ContinuousClock.now < start + connectTime }

    /// What is left of the time; not positive once it is over.
    var remainingTime: Duration { deadline - .now }

    /// Whether the request changes the main's data, so that sending it twice could do harm.
    var isWrite: Bool { method == .put || method == .delete }

    /// The body to send; nil where there is none. What comes with a GET or DELETE means nothing.
    var body: EventBuffer? { method == .put ? request?.body : nil }

    /// Writes the header fields to send behind `Host`: our own, and the client's.
    func writeFields(to lines: inout FieldLines) {
        if purpose == .probe {
            RelayedFields.writeMark(to: &lines)
        } else {
            request?.writeRelayedFields(to: &lines)
        }
    }

    /// Takes the client's request out, to answer it; nil the second time.
    func takeRequest() -> HTTPRequest? { request.take() }
}
