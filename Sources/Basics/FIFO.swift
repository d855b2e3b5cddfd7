/// First in, first out, in O(1) each.
@usableFromInline
package struct FIFO<Element> {
    @usableFromInline var storage: [Element?] = []
    @usableFromInline var start = 0

    @inlinable package init() {}

    @inlinable package var count: Int { storage.count - start }
    @inlinable package var isEmpty: Bool { storage.count == start }
    @inlinable package var first: Element? { isEmpty ? nil : storage[start] }

    @inlinable package mutating func append(_ element: Element) { storage.append(element) }

    @inlinable
    package mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[start]
        storage[start] = nil
        start += 1
        if start == storage.count {
            // The usual case: what is next begins at the front again, in the same memory.
            storage.removeAll(keepingCapacity: storage.count <= 1024)
            start = 0
        } else if start * 2 >= storage.count, start >= 64 {
            storage.removeFirst(start)
            start = 0
        }
        return element
    }
}

extension FIFO: Sendable where Element: Sendable {}
