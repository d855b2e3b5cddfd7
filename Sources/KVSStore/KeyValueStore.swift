/// The data: an actor that any thread enters by itself.
///
/// There are two ways in, and they exclude each other. From a task, by `await`, as with any actor.
/// From a thread that has a request at hand, by ``withExclusiveAccess(_:)``, synchronously: without
/// a task, a hop between threads, or an allocation. Either way it is the calling thread that does
/// the work, under the lock of a ``LockExecutor``; so everything here is short, and what takes time
/// is done outside: making an item, and **freeing** one. An item that ``put(_:)`` or
/// ``remove(_:)`` hands out is to be returned from the closure that got it, and dropped after.
package actor KeyValueStore {
    /// What ``put(_:)`` did. The item in `replaced` is to be dropped outside.
    typealias PutResult = HashTable.PutResult

    /// What ``footprint`` is held below, in bytes.
    nonisolated let maxBytes: Int

    private let executor = LockExecutor()

    /// What the resident memory is held below, in bytes.
    nonisolated let ceiling: Int
    private var growth: GrowthLimit

    // Safe: the actor's isolation makes accesses exclusive already, and the table calls nobody who
    // could come back here. The dynamic check would add a sixth to a look-up.
    @exclusivity(unchecked) private var table = HashTable()

    /// An empty store, which takes 96 KiB of memory that ``footprint`` does not count.
    ///
    /// - Parameters:
    ///   - maxBytes: What ``footprint`` is held below.
    ///   - ceiling: What the resident memory is held below, as far as it is told of, in bytes.
    ///   - floor: What items may take whatever is resident, in bytes.
    package init(maxBytes: Int, ceiling: Int = .max, floor: Int = .max) {
        self.maxBytes = maxBytes
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

    /// The number of keys, and ``footprint``. Callable from any thread, like ``withExclusiveAccess(_:)``.
    package nonisolated var usage: (keys: Int, bytes: Int) {
        withExclusiveAccess { ($0.count, $0.footprint) }
    }

    /// The item with this key, or nil.
    ///
    /// - Complexity: O(1) expected.
    func item(for key: borrowing Key) -> Item? { table.item(for: key) }

    /// Stores `item` under its key, replacing any item there.
    ///
    /// A replacement that takes no more memory than what it replaces always fits.
    ///
    /// - Complexity: O(1) on average; O(``count`` / 4096) when the table grows.
    func put(_ item: Item) -> PutResult {
        table.put(item, maxBytes: min(maxBytes, growth.footprint))
    }

    /// Says what the process has resident, without buffers, in bytes.
    func note(resident: Int) { growth.note(resident: resident, present: footprint) }

    /// Takes the item with this key out of the store.
    ///
    /// - Returns: The item, to be dropped outside of the store's isolation; nil if there is none.
    /// - Complexity: O(1) on average; O(``count`` / 4096) when the table shrinks.
    func remove(_ key: borrowing Key) -> Item? { table.remove(key) }
}
