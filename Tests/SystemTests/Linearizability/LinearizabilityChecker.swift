/// Decides whether one key's history could have come from a single register.
///
/// The search of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993), with the memo of
/// Lowe ("Testing for Linearizability", 2017): invocations and responses are walked in the order of
/// time, with all configurations that explain what was seen so far. A configuration is what the
/// register holds and which of the pending operations have already taken effect; equal ones are
/// one, so that the work grows with the number of operations that overlap, not with the length of
/// the history. A value that expires goes by itself, at a moment of an interval that its PUT tells.
struct LinearizabilityChecker: Sendable {
    enum Verdict: Sendable, Equatable {
        case linearizable
        /// No order explains what this operation was told; all before it can be explained.
        case violation(RegisterOperation)
        /// The search outgrew its bounds: more than 64 operations pending at once, or too many
        /// configurations. It says nothing about the history.
        case undecided
    }

    /// The bound of the search's memory. A history of this project's tests needs some hundred.
    var maxConfigurations = 500_000

    /// Checks the history of one key, which starts as `initial`.
    ///
    /// - Parameter history: In any order. Intervals that touch count as overlapping.
    func check(_ history: [RegisterOperation], from initial: RegisterState = .absent) -> Verdict {
        var search = LinearizabilitySearch(
            from: initial,
            maxConfigurations: maxConfigurations
        )
        for event in events(of: history) {
            switch event {
            case .invoked(let index):
                guard search.begin(history[index], as: index) else { return .undecided }
            case .returned(let index):
                guard search.end(index, at: history[index].returned) else { return .undecided }
                if search.isExhausted { return .violation(history[index]) }
            case .expired(let expiry):
                guard search.end(expiry) else { return .undecided }
            }
        }
        return .linearizable
    }

    private enum Event {
        case invoked(Int)
        case returned(Int)
        /// What expires then at the latest.
        case expired(Expiry)
    }

    /// The events in the order of time, invocations before what ends at the same instant.
    ///
    /// Responses that never come are left out: such an operation may take effect at any time.
    private func events(of history: [RegisterOperation]) -> [Event] {
        var timed: [(time: Int64, isEnd: Int, event: Event)] = []
        for (index, operation) in history.enumerated() {
            precondition(operation.invoked <= operation.returned, "an answer before its question")
            timed.append((operation.invoked, 0, .invoked(index)))
            if operation.returned < .max {
                timed.append((operation.returned, 1, .returned(index)))
            }
            if let expiry = operation.expiry, expiry.latest < .max {
                timed.append((expiry.latest, 1, .expired(expiry)))
            }
        }
        timed.sort { ($0.time, $0.isEnd) < ($1.time, $1.isEnd) }
        return timed.map(\.event)
    }
}
