/// Taking out what has expired. Nobody sees it by then: this gives its memory back.
extension KeyValueStore {
    /// Takes items out that have expired: a number of them that takes no more than a part of a millisecond.
    ///
    /// - Parameters:
    ///   - expired: Gets them, to be dropped outside; should have room for `limit`.
    ///   - limit: The most steps of the wheel, at most ``expiredPerStep``.
    /// - Returns: Whether there is more to do.
    func removeExpired(into expired: inout [Item], limit: Int) -> Bool {
        let now = clock()
        var bytes = 0
        for _ in 0..<limit {
            switch expiry.step(at: now) {
            case .none: return false
            case .moved: break
            case .expired(let item):
                // What it takes out is the same item.
                _ = table.remove(withKeyOf: item)
                expiredCount += 1
                bytes += item.footprint
                expired.append(item)
                // Large blocks take long to be freed.
                if bytes >= Self.expiredBytesPerStep { return true }
            }
        }
        return true
    }

    /// The most items, and about the most bytes, that expire in one step.
    static let expiredPerStep = 64
    private static let expiredBytesPerStep = 1 << 20
}
