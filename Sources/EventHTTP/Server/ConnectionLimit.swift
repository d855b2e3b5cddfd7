import Basics
import Synchronization

/// Bounds the connections of clients, all loops together: the kernel hands them to loops as it likes. Any
/// thread may use it.
package final class ConnectionLimit: Sendable {
    let limit: Int
    private let count = Atomic(0)
    /// Loops that wait for a place, each with what it wants to hear.
    private let waiting = LockedValue<[@Sendable () -> Void]>([])
    private let waitingCount = Atomic(0)

    package init(_ limit: Int) { self.limit = limit }

    /// Whether no further connection would find a place.
    var isReached: Bool { count.load(ordering: .sequentiallyConsistent) >= limit }

    /// Takes a place; false where there is none.
    func enter() -> Bool {
        var present = count.load(ordering: .sequentiallyConsistent)
        // Never one too many, not even for a moment: whoever took it back would have to wake those
        // that wait, and they, in vain, each other, without end.
        while present < limit {
            let (isTaken, found) = count.compareExchange(
                expected: present,
                desired: present + 1,
                ordering: .sequentiallyConsistent
            )
            if isTaken { return true }
            present = found
        }
        return false
    }

    /// Gives a place back.
    func leave() {
        count.subtract(1, ordering: .sequentiallyConsistent)
        if waitingCount.load(ordering: .sequentiallyConsistent) > 0 { tellAll() }
    }

    /// Calls `observer` once, on any thread, as soon as a place may be free.
    func whenPlaceIsFree(_ observer: @escaping @Sendable () -> Void) {
        waiting.withLock {
            $0.append(observer)
            waitingCount.store($0.count, ordering: .sequentiallyConsistent)
        }
        // One may have been left just before.
        if count.load(ordering: .sequentiallyConsistent) < limit { tellAll() }
    }

    /// All of them: who finds the place taken waits again. The loop that is told alone may have no client.
    private func tellAll() {
        let observers = waiting.withLock { waiting in
            defer { waiting = [] }
            waitingCount.store(0, ordering: .sequentiallyConsistent)
            return waiting
        }
        for observer in observers { observer() }
    }
}
