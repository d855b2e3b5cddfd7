import Basics

/// What a loop believes about the main, as a pure state machine: evidence in, belief out.
///
/// A refused connection is answered at once by the main's machine, so it is simply tried for each
/// request: the first one after the main's return succeeds. But a machine that is gone, or a main that
/// is stopped, answers nothing: each request would wait for its deadline, and thousands would pile up.
/// After one has waited in vain, the others fail at once, until something has come from the main's
/// address: bytes, a refusal, or a reset. Nothing else is evidence: no failure of ours, none of the
/// kernel, and no connection that merely stands.
struct MainHealth: Equatable, Sendable {
    enum State: Equatable, Sendable {
        /// Requests are sent.
        case present
        /// Requests fail at once; probes are sent.
        case silent
    }

    /// Probes follow each other this fast once nobody has asked for a while.
    static let longProbeInterval = TimeSpan.milliseconds(500)
    /// How long a silence, or the last question, counts as fresh.
    static let freshness = TimeSpan.seconds(10)

    /// Probes follow each other this fast at the beginning of a silence, and while somebody asks.
    let probeInterval: TimeSpan
    private(set) var state = State.present
    /// How many silences there have been: what was connected before the last one is not trusted.
    private(set) var silences: UInt32 = 0
    private(set) var lastAnswer: MonotonicTime?
    private var lastQuestion = MonotonicTime(nanoseconds: .min)
    private var lastProbe: MonotonicTime?

    init(probeInterval: TimeSpan = .milliseconds(50)) {
        self.probeInterval = probeInterval
    }

    /// Something has come from the main's address.
    ///
    /// - Returns: Whether that ends a silence.
    mutating func hasAnswered(at time: MonotonicTime) -> Bool {
        lastAnswer = time
        guard state == .silent else { return false }
        state = .present
        return true
    }

    /// Something has come from the main's address to somebody else, which ends no silence.
    mutating func note(answerAt time: MonotonicTime) {
        if time > lastAnswer ?? MonotonicTime(nanoseconds: .min) { lastAnswer = time }
    }

    /// Something that was begun at `start` has ended for lack of any answer.
    ///
    /// - Returns: Whether a silence begins.
    mutating func hasWaitedInVain(since start: MonotonicTime, until now: MonotonicTime) -> Bool {
        // Where something else was answered meanwhile, the main is slow, not silent.
        if let lastAnswer, lastAnswer >= start { return false }
        return isSilent(at: now)
    }

    /// A silence begins, by what was noticed here or elsewhere.
    ///
    /// - Returns: False where it has begun already.
    mutating func isSilent(at now: MonotonicTime) -> Bool {
        guard state == .present else { return false }
        state = .silent
        silences &+= 1
        lastQuestion = now
        lastProbe = nil
        return true
    }

    /// Somebody wants to know, and is told that the service is not available.
    mutating func hasBeenAsked(at time: MonotonicTime) { lastQuestion = time }

    /// When the next probe is due; nil where none is.
    var nextProbe: MonotonicTime? {
        guard state == .silent else { return nil }
        guard let lastProbe else { return lastQuestion }
        return lastProbe + probeSpacing
    }

    /// How far one probe follows the last.
    var probeSpacing: TimeSpan {
        guard let lastProbe, lastProbe >= lastQuestion + Self.freshness else {
            return probeInterval
        }
        return max(probeInterval, Self.longProbeInterval)
    }

    mutating func probeHasBegun(at time: MonotonicTime) { lastProbe = time }
}
