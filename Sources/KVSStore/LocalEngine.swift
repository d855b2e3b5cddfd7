import Basics

/// The engine that is there without any setting: the store of this process, which answers at once, without
/// an allocation or a hop between threads.
package final class LocalEngine: Engine {
    /// What is put between two looks at the memory that the process has resident.
    private static let bytesPerSample = 1 << 20

    private let store: KeyValueStore
    /// Resident bytes that are no data.
    private let bufferedBytes: () -> Int
    private var bytesSinceSample = 0
    private let sweep: ExpirySweep

    /// What expires makes room for what is put: each put of an item that will expire itself does so many steps
    /// of the wheel. An item takes at most one for each of the five levels that it comes down, and one to go: so
    /// writes take out more than they bring.
    private static let stepsPerPut = 8
    /// The most sweeps for one item that does not fit: 16,000 items, in about 10 ms. Only where all that
    /// expires is small, a large value may have to be put again.
    private static let maximumSweepsPerPut = 256
    /// A sweep makes room for as many bytes at least, where there is so much to sweep.
    private static let bytesPerSweep = 4096

    /// - Parameters:
    ///   - store: The process's, which all loops' engines share.
    ///   - bufferedBytes: Says how many bytes of the process are buffers for clients.
    package init(store: KeyValueStore, bufferedBytes: @escaping () -> Int) {
        self.store = store
        self.bufferedBytes = bufferedBytes
        sweep = ExpirySweep(of: store)
    }

    package func perform<Receiver: OutcomeReceiver & ~Copyable>(
        _ operation: consuming Operation,
        for receiver: consuming Receiver
    ) {
        receiver.receive(outcome(of: operation))
    }

    /// Nothing is ever under way: each operation is done at once.
    package func close() {}

    @inline(__always)  // A call copies the key.
    private func outcome(of operation: consuming Operation) -> Outcome {
        switch operation {
        case .read(let key):
            guard let item = store.withExclusiveAccess({ $0.item(for: key) }) else {
                return .absent
            }
            return .found(item)
        case .write(let item, let precondition): return write(item, if: precondition)
        case .remove(let key, let precondition):
            // The item is freed here, outside of the store's lock.
            switch store.withExclusiveAccess({ $0.remove(key, if: precondition) }) {
            case .removed: return .removed
            case .absent: return .absent
            case .preconditionFailed(let present): return .preconditionFailed(present.tag)
            }
        case .list(let query): return keys(of: query)
        }
    }

    private func write(_ item: Item, if precondition: Precondition?) -> Outcome {
        sampleMemory(before: item.footprint)
        let tag = item.tag
        if item.expires { _ = sweep.step(limit: Self.stepsPerPut) }
        // What the result holds, the item that was replaced, is freed outside of the store's lock.
        switch put(item, if: precondition) {
        case .created: return .created(tag)
        case .replaced: return .replaced(tag)
        case .preconditionFailed(let present): return .preconditionFailed(present?.tag)
        case .outOfMemory: return .outOfMemory
        }
    }

    /// Sweeps before anything is refused for what has expired.
    private func put(_ item: Item, if precondition: Precondition?) -> KeyValueStore.PutResult {
        var result = store.withExclusiveAccess { $0.put(item, if: precondition) }
        var sweepsLeft = min(8 + item.footprint / Self.bytesPerSweep, Self.maximumSweepsPerPut)
        while case .outOfMemory = result, sweepsLeft > 0 {
            sweepsLeft = sweep.step() ? sweepsLeft - 1 : 0
            result = store.withExclusiveAccess { $0.put(item, if: precondition) }
        }
        return result
    }

    private func keys(of query: KeyQuery) -> Outcome {
        guard let start = store.position(of: query.place) else { return .unknownPlace }
        let capacity = HashTable.listedCapacity
        guard Headroom.isThere(for: 2 * capacity * MemoryLayout<HashTable.Listed>.stride) else {
            return .outOfMemory
        }
        var found: [HashTable.Listed] = []
        found.reserveCapacity(capacity)
        let end = store.withExclusiveAccess {
            $0.scan(from: start, into: &found, limit: query.limit, prefix: query.prefix)
        }
        var next = end
        if found.count > query.limit {
            found.sort { $0.order < $1.order }
            // Two keys with the same hash are never parted: the next batch begins behind both.
            var count = query.limit
            while count < found.count, found[count].order == found[count - 1].order { count += 1 }
            if count < found.count {
                found.removeSubrange(count...)
                let last = found[count - 1].order
                next = last < .max ? last + 1 : nil
            }
        }
        return .keys(KeyBatch(items: found.map(\.item), next: next.map(store.place)))
    }

    /// Tells the store what the heap has come to, once for each MiB that is put.
    private func sampleMemory(before bytes: Int) {
        bytesSinceSample += bytes
        guard bytesSinceSample >= Self.bytesPerSample else { return }
        bytesSinceSample = 0
        guard var resident = MemoryLimit.residentBytes else { return }
        if resident - bufferedBytes() > store.ceiling, Heap.trim() {
            // What is free in the heap is no reason to refuse anything.
            resident = MemoryLimit.residentBytes ?? resident
        }
        let bytes = resident - bufferedBytes()
        store.withExclusiveAccess { $0.note(resident: bytes) }
    }
}
