/// Exchanges that wait, first in, first out, in O(1) each.
struct ExchangeQueue {
    private var storage: [Exchange?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Exchange? { isEmpty ? nil : storage[head] }

    mutating func append(_ exchange: Exchange) { storage.append(exchange) }

    mutating func popFirst() -> Exchange? {
        guard !isEmpty else { return nil }
        let exchange = storage[head]
        storage[head] = nil
        head += 1
        // The empty front is dropped once it is half of the storage.
        if head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return exchange
    }

    mutating func removeAll() -> [Exchange] {
        defer { (storage, head) = ([], 0) }
        return storage[head...].compactMap(\.self)
    }
}
