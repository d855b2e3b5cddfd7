/// What a loop believes about the main, as a pure state machine.
///
/// A refused connection is answered at once by the main's machine, so it is simply tried for each
/// request: the first one after the main's return succeeds. But a machine that is gone, or a main that
/// is stopped, answers nothing: each request would wait for its deadline, and thousands would pile up.
/// After one has waited in vain, the others fail at once, until a probe has been answered.
struct MainAvailability: Equatable, Sendable {
    enum State: Equatable, Sendable {
        /// Requests are sent.
        case present
        /// Requests fail at once; probes are sent.
        case silent
    }

    private(set) var state = State.present
    /// Probes under way. They overlap: one that is lost must not hide the main's return, and a main that
    /// answers slowly must have the time to.
    private(set) var probes = 0
    static let maximumProbes = 20

    /// An exchange has ended for lack of any answer.
    ///
    /// - Returns: Whether this is news.
    mutating func hasTimedOut() -> Bool {
        guard state == .present else { return false }
        state = .silent
        return true
    }

    /// The main has answered something, or has refused a connection: it will do so again, at once.
    ///
    /// - Returns: Whether this is news.
    mutating func hasAnswered() -> Bool {
        guard state == .silent else { return false }
        state = .present
        return true
    }

    /// - Returns: Whether a probe is to be sent now.
    mutating func beginProbe() -> Bool {
        guard state == .silent, probes < Self.maximumProbes else { return false }
        probes += 1
        return true
    }

    mutating func endProbe() { probes -= 1 }
}
