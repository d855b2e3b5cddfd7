/// The idle connections, the one used last in front: a list that is linked through the slots of all
/// connections, so that each is added, taken, and removed from the middle in O(1).
struct IdleConnections: Sendable {
    private struct Links: Sendable {
        var older: Int32 = -1
        var newer: Int32 = -1
        var isListed = false
    }

    private var links: [Links] = []
    private(set) var newest: Int32 = -1
    private(set) var oldest: Int32 = -1
    private(set) var count = 0

    mutating func append(_ slot: Int32) {
        while links.count <= Int(slot) { links.append(Links()) }
        links[Int(slot)] = Links(older: newest, newer: -1, isListed: true)
        if newest >= 0 { links[Int(newest)].newer = slot } else { oldest = slot }
        newest = slot
        count += 1
    }

    /// Does nothing where the connection is not idle.
    mutating func remove(_ slot: Int32) {
        guard Int(slot) < links.count, links[Int(slot)].isListed else { return }
        let (older, newer) = (links[Int(slot)].older, links[Int(slot)].newer)
        if older >= 0 { links[Int(older)].newer = newer } else { oldest = newer }
        if newer >= 0 { links[Int(newer)].older = older } else { newest = older }
        links[Int(slot)].isListed = false
        count -= 1
    }
}
