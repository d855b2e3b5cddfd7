/// Listing the keys: part by part, so that nobody is held up for long.
extension KeyValueStore {
    /// Finds keys, in an order that stays the same as long as the process runs: see
    /// ``HashTable/scan(from:into:limit:where:)``.
    ///
    /// - Parameters:
    ///   - start: Where the scan before ended; 0 at the beginning.
    ///   - found: Gets the items; should have room for ``HashTable/listedCapacity``.
    /// - Returns: Where to go on; nil where there is nothing more.
    func scan(
        from start: UInt64,
        into found: inout [HashTable.Listed],
        limit: Int,
        prefix: Key?
    ) -> UInt64? {
        table.scan(from: start, into: &found, limit: limit) { item in
            (prefix.map { item.hasKey(startingWith: $0) } ?? true) && isLive(item)
        }
    }

    /// The place of that position in a list of this store.
    nonisolated func place(of position: UInt64) -> ListPlace {
        ListPlace(list: listIdentity, position: position)
    }

    /// The position of a place; nil where it is none of this store's.
    nonisolated func position(of place: ListPlace?) -> UInt64? {
        guard let place else { return 0 }
        return place.list == listIdentity ? place.position : nil
    }
}
