/// What a key has.
public struct StoredValue: Equatable, Sendable {
    /// The value.
    public var bytes: [UInt8]
    /// The tag of its content; nil where the server gives none, as one of another implementation.
    public var tag: ValueTag?
    /// How many seconds are left until the key is gone, rounded up; nil where it stays.
    public var secondsToLive: UInt32?

    /// A value with what is known of it.
    public init(bytes: [UInt8], tag: ValueTag? = nil, secondsToLive: UInt32? = nil) {
        (self.bytes, self.tag, self.secondsToLive) = (bytes, tag, secondsToLive)
    }
}

/// How a put with a condition has ended.
public enum PutResult: Equatable, Sendable {
    /// The value is stored.
    ///
    /// - Parameters:
    ///   - isReplaced: Whether the key had one before.
    ///   - tag: That of the value; nil where the server gives none.
    case stored(isReplaced: Bool, tag: ValueTag?)
    /// The condition does not hold: nothing was done.
    ///
    /// - Parameter present: The tag of what the key has; nil where the key does not exist.
    case conditionFailed(present: ValueTag?)
}

/// Some keys of a list.
public struct KeyPage: Equatable, Sendable {
    /// In no order. There may be none, and more pages all the same.
    public var keys: [String]
    /// What the next page is asked for with; nil in the last page.
    public var cursor: String?

    /// A page.
    public init(keys: [String], cursor: String? = nil) {
        (self.keys, self.cursor) = (keys, cursor)
    }
}
