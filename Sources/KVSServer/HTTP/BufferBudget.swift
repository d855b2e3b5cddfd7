import Synchronization

/// Bounds the bytes of request bodies that all connections together hold while the rest of them is still
/// to come. Any thread may use it.
final class BufferBudget: Sendable {
    /// In bytes.
    let limit: Int
    private let used = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes `count` bytes; false, and nothing is taken, where they are not left.
    func reserve(_ count: Int) -> Bool {
        let (_, total) = used.add(count, ordering: .relaxed)
        if total <= limit { return true }
        used.subtract(count, ordering: .relaxed)
        return false
    }

    func release(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
    }
}
