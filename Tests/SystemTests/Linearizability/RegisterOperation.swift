/// One operation on one key, seen as a register that holds a value or nothing.
///
/// The interval from `invoked` to `returned` is the time in which the operation may have taken
/// effect, in nanoseconds of `CLOCK_MONOTONIC`.
struct RegisterOperation: Sendable, Hashable, CustomStringConvertible {
    enum Action: Sendable, Hashable {
        /// A PUT; `replaced` is what the answer said, nil where no answer said it.
        case put(String, replaced: Bool?)
        /// A GET and what it was told: a value, or nil for "key does not exist".
        case get(String?)
        /// A DELETE; `existed` is what the answer said, nil where no answer said it.
        case delete(existed: Bool?)
        /// The main was killed and came back empty.
        case crash
    }

    let action: Action
    let invoked: Int64
    /// When the effect is over at the latest; `Int64.max` where nothing bounds it.
    let returned: Int64
    /// Whether the operation may just as well never have taken effect: a write whose answer was
    /// lost.
    let mayNotHappen: Bool

    init(_ action: Action, from invoked: Int64, to returned: Int64) {
        self.action = action
        self.invoked = invoked
        self.returned = returned
        self.mayNotHappen = false
    }

    /// A write whose outcome is unknown: it takes effect in the interval, or never.
    init(unknown action: Action, from invoked: Int64, until limit: Int64 = .max) {
        self.action = action
        self.invoked = invoked
        self.returned = limit
        self.mayNotHappen = true
    }

    var description: String {
        let end = returned == .max ? "∞" : "\(returned)"
        return "\(action) [\(invoked), \(end)]\(mayNotHappen ? " or never" : "")"
    }

    /// What the register holds after this operation took effect on `state`.
    ///
    /// - Returns: nil where the operation cannot have been told what it was told.
    func apply(to state: RegisterState) -> RegisterState? {
        switch action {
        case .put(let value, let replaced):
            if let replaced, replaced != state.exists { return nil }
            return .holds(value)
        case .get(let value):
            return state == RegisterState(value) ? state : nil
        case .delete(let existed):
            if let existed, existed != state.exists { return nil }
            return .absent
        case .crash:
            return .absent
        }
    }
}

/// What a key holds at one moment.
enum RegisterState: Sendable, Hashable {
    case absent
    case holds(String)

    init(_ value: String?) {
        self = value.map(RegisterState.holds) ?? .absent
    }

    var exists: Bool { self != .absent }
}
