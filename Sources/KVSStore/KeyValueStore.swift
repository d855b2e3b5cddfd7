package import Basics

/// The data: an actor that any thread enters by itself.
///
/// There are two ways in, and they exclude each other. From a task, by `await`, as with any actor.
/// From a thread that has a request at hand, by ``withExclusiveAccess(_:)``, synchronously: without
/// a task, a hop between threads, or an allocation. Either way it is the calling thread that does
/// the work, under the lock of a ``LockExecutor``; so everything here is short, and what takes time
/// is done outside: making an item, and **freeing** one. An item that ``put(_:if:)`` or
/// ``remove(_:if:)`` hands out is to be returned from the closure that got it, and dropped after.
package actor KeyValueStore {
    /// What ``put(_:if:)`` did. The items are to be dropped outside.
    enum PutResult: Sendable {
        /// The key was not there; the item that had expired under it was this.
        case created(Item?)
        /// The key was there; this was its item.
        case replaced(Item)
        /// The key's item is this one: not as it was wanted. Nothing was changed.
        case preconditionFailed(Item?)
        /// The item would not fit. Nothing was changed.
        case outOfMemory
    }

    /// What ``remove(_:if:)`` did. The items are to be dropped outside.
    enum RemoveResult: Sendable {
        case removed(Item)
        /// The key was not there; the item that had expired under it was this.
        case absent(Item?)
        /// As of a put.
        case preconditionFailed(Item)
    }

    /// What ``footprint`` is held below, in bytes.
    nonisolated let maxBytes: Int

    private let executor = LockExecutor()

    /// What the resident memory is held below, in bytes.
    nonisolated let ceiling: Int
    private var growth: GrowthLimit

    // Safe: the actor's isolation makes accesses exclusive already, and the table calls nobody who
    // could come back here. The dynamic check would add a sixth to a look-up.
    @exclusivity(unchecked) var table = HashTable()
    @exclusivity(unchecked) var expiry: ExpiryWheel

    /// Tells the time by which items expire. Asked inside of the isolation, so that nobody sees an item
    /// behind somebody who saw that it had gone.
    nonisolated let clock: @Sendable () -> MonotonicTime

    /// Tells lists of this store from those of others: the order of a list is in no other process the same.
    nonisolated let listIdentity = UInt64.random(in: .min ... .max)

    /// How many items have gone because their time was over.
    var expiredCount = 0

    /// An empty store, which takes 99 KiB of memory that ``footprint`` does not count.
    ///
    /// - Parameters:
    ///   - maxBytes: What ``footprint`` is held below.
    ///   - ceiling: What the resident memory is held below, as far as it is told of, in bytes.
    ///   - floor: What items may take whatever is resident, in bytes.
    ///   - clock: Tells the time by which items expire.
    package init(
        maxBytes: Int,
        ceiling: Int = .max,
        floor: Int = .max,
        clock: @escaping @Sendable () -> MonotonicTime = { .now }
    ) {
        self.maxBytes = maxBytes
        self.clock = clock
        expiry = ExpiryWheel(start: clock())
        self.ceiling = ceiling
        growth = GrowthLimit(ceiling: ceiling, floor: floor)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Runs `body` inside the actor, on the current thread, before returning.
    ///
    /// Callable from any thread, in a task or not, and also from inside the actor. Blocks while
    /// another thread is inside. Where `body` creates tasks that are isolated to the actor, their
    /// first parts run on this thread before this returns.
    ///
    /// - Parameter body: Should take a microsecond: no I/O, no waiting, no freeing of items.
    nonisolated func withExclusiveAccess<R: Sendable, E: Error>(
        _ body: (isolated KeyValueStore) throws(E) -> R
    ) throws(E) -> R {
        // Safe: this is what `assumeIsolated` does once it has found that the executor's lock is
        // held, and here it is. `isolated` is for the compiler; a call is the same without it.
        let entrance = unsafeBitCast(
            Entrance<R, E> { (store, body) throws(E) in try body(store) },
            to: OpenEntrance<R, E>.self
        )
        return try executor.withLock { () throws(E) -> R in try entrance.run(self, body) }
    }

    /// A function that only runs inside of the actor, and the same without saying so.
    ///
    /// `assumeIsolated` takes 700 instructions and two allocations to find out what is known here.
    /// Functions are in structs to be cast, because casting them bare would wrap them, on the heap.
    private struct Entrance<R, E: Error> {
        let run: (isolated KeyValueStore, (isolated KeyValueStore) throws(E) -> R) throws(E) -> R
    }
    private struct OpenEntrance<R, E: Error> {
        let run: (KeyValueStore, (isolated KeyValueStore) throws(E) -> R) throws(E) -> R
    }

    /// The number of keys.
    var count: Int { table.count }

    /// The bytes of all keys and of all values as they are stored.
    var dataBytes: Int { table.dataBytes }

    /// The bytes of memory that the data takes: items and the table's slots, each as the heap gives
    /// them out. What the memory limit is compared with.
    var footprint: Int { table.footprint }

    /// What the metrics say of a store.
    package struct Usage: Sendable {
        /// Expired ones that are still to be taken out included.
        package let keys: Int
        /// ``KeyValueStore/footprint``.
        package let bytes: Int
        /// How many keys have expired so far.
        package let expired: Int
    }

    /// Callable from any thread, like ``withExclusiveAccess(_:)``.
    package nonisolated var usage: Usage {
        withExclusiveAccess {
            Usage(keys: $0.count, bytes: $0.footprint, expired: $0.expiredCount)
        }
    }

    /// The item with this key, or nil.
    ///
    /// - Complexity: O(1) expected.
    @inline(__always)  // A call copies the key.
    func item(for key: borrowing Key) -> Item? {
        guard let item = table.item(for: key), isLive(item) else { return nil }
        return item
    }

    /// Stores `item` under its key, replacing any item there, where that is as wanted.
    ///
    /// A replacement that takes no more memory than what it replaces always fits.
    ///
    /// - Complexity: O(1) on average; O(``count`` / 4096) when the table grows.
    func put(_ item: Item, if precondition: Precondition? = nil) -> PutResult {
        // One moment for all that is decided.
        let now = precondition.map { _ in clock() }
        if let precondition {
            let present = table.item(withKeyOf: item).flatMap { isLive($0, at: now) ? $0 : nil }
            guard precondition.holds(for: present) else { return .preconditionFailed(present) }
        }
        switch table.put(item, maxBytes: min(maxBytes, growth.footprint)) {
        case .outOfMemory: return .outOfMemory
        case .created:
            if item.expires { expiry.insert(item) }
            return .created(nil)
        case .replaced(let old):
            if item.expires { expiry.insert(item) }
            guard old.expires else { return .replaced(old) }
            expiry.remove(old)
            guard !isLive(old, at: now) else { return .replaced(old) }
            expiredCount += 1
            return .created(old)
        }
    }

    /// Says what the process has resident, without buffers, in bytes.
    func note(resident: Int) { growth.note(resident: resident, present: footprint) }

    /// Takes the item with this key out of the store, where it is as wanted.
    ///
    /// - Complexity: O(1) on average; O(``count`` / 4096) when the table shrinks.
    func remove(_ key: borrowing Key, if precondition: Precondition? = nil) -> RemoveResult {
        let now = precondition.map { _ in clock() }
        if let precondition, let present = table.item(for: key), isLive(present, at: now),
            !precondition.holds(for: present)
        {
            return .preconditionFailed(present)
        }
        guard let item = table.remove(key) else { return .absent(nil) }
        guard item.expires else { return .removed(item) }
        expiry.remove(item)
        guard !isLive(item, at: now) else { return .removed(item) }
        expiredCount += 1
        return .absent(item)
    }

    /// Whether an item of the table is there for anybody: now, or at the moment for which all else was
    /// decided.
    func isLive(_ item: Item, at now: MonotonicTime? = nil) -> Bool {
        guard let deadline = item.deadline else { return true }
        return now ?? clock() < deadline
    }
}
