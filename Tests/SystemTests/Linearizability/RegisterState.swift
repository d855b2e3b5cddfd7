/// What a key holds at one moment.
enum RegisterState: Sendable, Hashable {
    case absent
    case holds(String, expiry: Expiry? = nil)

    var exists: Bool { self != .absent }

    var value: String? {
        if case .holds(let value, _) = self { value } else { nil }
    }

    /// When it goes by itself; nil where it stays, or is not there.
    var expiry: Expiry? {
        if case .holds(_, let expiry) = self { expiry } else { nil }
    }
}

/// When a value goes by itself: at one moment of this interval, for everybody.
///
/// Values whose intervals are the same need not be told apart: each goes in that interval.
struct Expiry: Sendable, Hashable {
    let earliest: Int64
    /// `Int64.max` where nothing bounds it.
    let latest: Int64
}

/// What a write wants of the key that it is for.
enum WriteCondition: Sendable, Hashable {
    /// `If-Match` with the tag of this value.
    case holds(String)
    /// `If-Match: *`.
    case exists
    /// `If-None-Match: *`.
    case isAbsent

    func isMet(by state: RegisterState) -> Bool {
        switch self {
        case .holds(let value): state.value == value
        case .exists: state.exists
        case .isAbsent: !state.exists
        }
    }
}
