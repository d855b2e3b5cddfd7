/// Takes items out of a store once they have expired, and frees them. For one thread at a time.
package final class ExpirySweep {
    private let store: KeyValueStore
    private var expired: [Item] = []

    package init(of store: KeyValueStore) {
        self.store = store
        // Nothing is allocated while the store is held.
        expired.reserveCapacity(KeyValueStore.expiredPerStep)
    }

    /// Takes out a number of items that takes less than a millisecond.
    ///
    /// - Returns: Whether there is more to do.
    package func step() -> Bool { step(limit: KeyValueStore.expiredPerStep) }

    /// Takes out `limit` items at most.
    func step(limit: Int) -> Bool {
        // Taken out, because the store's isolation may not reach into this object.
        var items: [Item] = []
        swap(&items, &expired)
        let hasMore = store.withExclusiveAccess { $0.removeExpired(into: &items, limit: limit) }
        items.removeAll(keepingCapacity: true)
        swap(&items, &expired)
        return hasMore
    }
}
