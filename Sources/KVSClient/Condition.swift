/// When a put is done: the server decides it in one step with the write.
public enum Condition: Equatable, Sendable {
    /// The key is there.
    case exists
    /// The key is not there.
    case isAbsent
    /// The key is there, and its value has this tag: nobody has changed it since.
    case matches(ValueTag)
    /// The key is not there, or its value has another tag: the write would change something.
    case differs(from: ValueTag)

    /// Whether it can be that it does not hold where the key has a value of this tag, or none.
    func mayFail(where present: ValueTag?) -> Bool {
        switch self {
        case .exists: present == nil
        case .isAbsent: present != nil
        case .matches(let tag): present != tag
        case .differs(let tag): present == tag
        }
    }

    /// The header field that says so (RFC 9110 §13.1.1, §13.1.2).
    var field: (name: StaticString, value: String) {
        switch self {
        case .exists: ("If-Match", "*")
        case .isAbsent: ("If-None-Match", "*")
        case .matches(let tag): ("If-Match", "\"\(tag)\"")
        case .differs(let tag): ("If-None-Match", "\"\(tag)\"")
        }
    }
}
