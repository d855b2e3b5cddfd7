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

    /// - Parameters:
    ///   - store: The process's, which all loops' engines share.
    ///   - bufferedBytes: Says how many bytes of the process are buffers for clients.
    package init(store: KeyValueStore, bufferedBytes: @escaping () -> Int) {
        self.store = store
        self.bufferedBytes = bufferedBytes
    }

    package func perform<Receiver: OutcomeReceiver & ~Copyable>(
        _ operation: consuming Operation,
        for receiver: consuming Receiver
    ) {
        receiver.receive(outcome(of: operation))
    }

    /// Nothing is ever under way: each operation is done at once.
    package func close() {}

    private func outcome(of operation: consuming Operation) -> Outcome {
        switch operation {
        case .read(let key):
            guard let item = store.withExclusiveAccess({ $0.item(for: key) }) else {
                return .absent
            }
            return .found(item)
        case .write(let item):
            sampleMemory(before: item.footprint)
            // What the result holds, the item that was replaced, is freed outside of the store's lock.
            switch store.withExclusiveAccess({ $0.put(item) }) {
            case .created: return .created
            case .replaced: return .replaced
            case .outOfMemory: return .outOfMemory
            }
        case .remove(let key):
            // The item is freed here, outside of the store's lock.
            return store.withExclusiveAccess({ $0.remove(key) }) == nil ? .absent : .removed
        }
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
