/// One operation on one key, seen as a register that holds a value or nothing.
///
/// The interval from `invoked` to `returned` is the time in which the operation may have taken
/// effect, in nanoseconds of `CLOCK_MONOTONIC`.
struct RegisterOperation: Sendable, Hashable, CustomStringConvertible {
    enum Action: Sendable, Hashable {
        /// A PUT that was done, or may have been, its condition met; `ttl` is in nanoseconds, and
        /// `replaced` is what the answer said, nil where no answer said it.
        case put(String, if: WriteCondition? = nil, ttl: Int64? = nil, replaced: Bool?)
        /// A GET and what it was told: a value, or nil for "key does not exist"; and whether the value
        /// goes by itself (`KVS-TTL`), nil where nobody looked.
        case get(String?, expires: Bool? = nil)
        /// A DELETE; `existed` is what the answer said, nil where no answer said it. Where the key
        /// is not there, nobody looks at the condition.
        case delete(if: WriteCondition? = nil, existed: Bool?)
        /// A write that was told 412 and what the key holds: nothing was changed.
        case refused(WriteCondition, present: String?)
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

    /// When what the operation writes goes by itself; nil where it stays.
    ///
    /// The server looks at its clock between the call and the return, and adds the time to live.
    var expiry: Expiry? {
        guard case .put(_, _, let ttl?, _) = action else { return nil }
        return Expiry(
            earliest: invoked + ttl,
            latest: returned == .max ? .max : returned + ttl
        )
    }

    /// What the register holds after this operation took effect on `state`.
    ///
    /// - Returns: nil where the operation cannot have been told what it was told.
    func apply(to state: RegisterState) -> RegisterState? {
        switch action {
        case .put(let value, let condition, _, let replaced):
            if let replaced, replaced != state.exists { return nil }
            if let condition, !condition.isMet(by: state) { return nil }
            return .holds(value, expiry: expiry)
        case .get(let value, let expires):
            if state.exists, let expires, expires != (state.expiry != nil) { return nil }
            return state.value == value ? state : nil
        case .delete(let condition, let existed):
            if let existed, existed != state.exists { return nil }
            if state.exists, let condition, !condition.isMet(by: state) { return nil }
            return .absent
        case .refused(let condition, let present):
            return state.value == present && !condition.isMet(by: state) ? state : nil
        case .crash:
            return .absent
        }
    }
}
