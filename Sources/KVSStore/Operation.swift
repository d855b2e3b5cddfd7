/// What is asked of a store: one thing, done in one step or not at all.
package enum Operation: Sendable {
    case read(Key)
    /// Stores the item under its key, in place of any that is there, where that is as the precondition
    /// wants it.
    case write(Item, Precondition?)
    /// Removes a key that is as the precondition wants it.
    case remove(Key, Precondition?)
    /// Names some keys.
    indirect case list(KeyQuery)
}

/// What has become of an ``Operation``.
package enum Outcome: Sendable {
    /// The item that a read has found.
    case found(Item)
    /// What was written is the first item of its key.
    case created(ContentTag)
    /// What was written has taken another item's place.
    case replaced(ContentTag)
    case removed
    /// There is no such key. Nothing has changed.
    case absent
    /// The key is as this says, nil where it is not there: not as it was wanted. Nothing has changed.
    case preconditionFailed(ContentTag?)
    /// There is no memory for it. Nothing has changed.
    case outOfMemory
    case keys(KeyBatch)
    /// The place to list from is not one of this store's.
    case unknownPlace
}
