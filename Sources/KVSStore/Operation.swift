/// What is asked of a store: one thing about one key, done in one step or not at all.
package enum Operation: Sendable {
    case read(Key)
    /// Stores the item under its key, in place of any that is there.
    case write(Item)
    case remove(Key)
}

/// What has become of an ``Operation``.
package enum Outcome: Sendable {
    /// The item that a read has found.
    case found(Item)
    /// What was written is the first item of its key.
    case created
    /// What was written has taken another item's place.
    case replaced
    case removed
    /// There is no such key. Nothing has changed.
    case absent
    /// There is no memory for the item. Nothing has changed.
    case outOfMemory
}
