/// Collects what concurrent clients asked and were told, key by key.
///
/// Used from any thread.
final class HistoryRecorder: Sendable {
    private struct State {
        var operations: [String: [RegisterOperation]] = [:]
        var unknownWrites: [(key: String, action: RegisterOperation.Action, span: Span)] = []
        var crashes: [Span] = []
        /// The values that somebody writes, by their tags.
        var values: [String: String] = [:]
    }

    private struct Span {
        let start: Int64
        let end: Int64
    }

    private let state = Locked(State())

    /// Notes a value that is going to be written.
    func note(_ value: String) {
        let tag = entityTag(of: value)
        state.withLock { $0.values[tag] = value }
    }

    /// The value that the tag is of; nil where nobody has written such a value.
    func value(of tag: String) -> String? { state.withLock { $0.values[tag] } }

    /// Records an operation whose answer says what happened.
    func record(_ action: RegisterOperation.Action, on key: String, from: Int64, to: Int64) {
        let operation = RegisterOperation(action, from: from, to: to)
        state.withLock { $0.operations[key, default: []].append(operation) }
    }

    /// Records a write of which the client learned at `to` that nobody knows its outcome.
    func recordUnknown(
        _ action: RegisterOperation.Action,
        on key: String,
        from: Int64,
        to: Int64
    ) {
        state.withLock { $0.unknownWrites.append((key, action, Span(start: from, end: to))) }
    }

    /// Records that the main was killed not before `killed`, and that its successor answered at
    /// `answered` for the first time.
    func recordCrash(killed: Int64, answered: Int64) {
        state.withLock { $0.crashes.append(Span(start: killed, end: answered)) }
    }

    /// What happened to one key, with the crashes, which happen to all keys.
    ///
    /// A write of unknown outcome may take effect at any later time, but for one bound: a forwarder
    /// gives up a request before it says that its outcome is unknown, so that what is left of it is
    /// in the main's hands and ends with the main. A relay that sends it to a later main is wrong.
    func history(of key: String) -> [RegisterOperation] {
        state.withLock { state in
            let crashes = state.crashes.map {
                RegisterOperation(.crash, from: $0.start, to: $0.end)
            }
            let unknown = state.unknownWrites.filter { $0.key == key }.map { write in
                let ends = state.crashes.filter { $0.start > write.span.end }.map(\.end)
                return RegisterOperation(
                    unknown: write.action,
                    from: write.span.start,
                    until: ends.min() ?? .max
                )
            }
            return state.operations[key, default: []] + unknown + crashes
        }
    }

    var keys: [String] {
        state.withLock { state in
            Set(state.operations.keys).union(state.unknownWrites.map(\.key)).sorted()
        }
    }
}
