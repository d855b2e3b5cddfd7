import Synchronization

/// Bounds the bytes that all connections together hold for others: heads and bodies that are not
/// complete, bodies until their exchange has ended, replies until the client has them. Any thread may
/// use it.
package final class BufferBudget: Sendable {
    /// In bytes.
    let limit: Int
    private let used = Atomic(0)

    package init(limit: Int) {
        self.limit = limit
    }

    /// Takes `count` bytes; false, and nothing is taken, where they are not left.
    ///
    /// Who is alone may have more than the limit: the largest reply must get through the smallest budget.
    ///
    /// - Parameter own: What whoever asks has taken before.
    func reserve(_ count: Int, besides own: Int = 0) -> Bool {
        let (before, total) = used.add(count, ordering: .relaxed)
        if total <= limit || before == own { return true }
        used.subtract(count, ordering: .relaxed)
        return false
    }

    /// Takes `count` bytes, whether they are left or not.
    func take(_ count: Int) { used.add(count, ordering: .relaxed) }

    /// What is taken now, of all.
    package var usedBytes: Int { used.load(ordering: .relaxed) }

    func release(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
    }
}

/// What somebody has taken out of a ``BufferBudget``: always as much as he holds.
///
/// Little is not counted: a connection costs more than that by itself, and so the small requests of
/// some go on while large ones of others have taken all there is.
package struct BufferClaim: ~Copyable {
    /// 4 KiB: about what evhttp holds for a connection.
    static let freeBytes = 4096

    private let budget: BufferBudget
    /// What is taken, in bytes.
    private(set) var bytes = 0

    package init(_ budget: BufferBudget) { self.budget = budget }

    deinit { if bytes > 0 { budget.release(bytes) } }

    /// How many bytes more it may have now: no limit where it is alone.
    var room: Int {
        let used = budget.usedBytes
        return used == bytes ? .max : max(0, budget.limit - used)
    }

    /// Says how much is held now.
    ///
    /// - Parameter others: What other claims hold for the same client.
    /// - Returns: False where there is no room for it. The claim is then as it was.
    package mutating func set(heldBytes: Int, besides others: @autoclosure () -> Int = 0) -> Bool {
        let counted = heldBytes > Self.freeBytes ? heldBytes : 0
        if counted == bytes { return true }
        if counted < bytes {
            budget.release(bytes - counted)
        } else if !budget.reserve(counted - bytes, besides: bytes + others()) {
            return false
        }
        bytes = counted
        return true
    }

    /// Runs `body`, in which `count` bytes of what is held are to go, without these. As soon as a client has
    /// the last byte of its reply, its next request may ask for room, on another loop: the room must be
    /// there by then.
    ///
    /// Where not all of them have gone, they are taken again in any case: for that moment there may be more
    /// than the limit, by one reply of each loop.
    ///
    /// - Parameter body: Returns whether all have gone.
    mutating func whileLent(_ count: Int, _ body: () -> Bool) {
        let lent = min(bytes, count)
        if lent > 0 { budget.release(lent) }
        let haveGone = body()
        if haveGone {
            bytes -= lent
        } else if lent > 0 {
            budget.take(lent)
        }
    }

    /// Takes over what another one has taken.
    mutating func add(_ other: consuming BufferClaim) {
        bytes += other.bytes
        other.bytes = 0
    }

    /// Takes everything out, to hand it on.
    mutating func take() -> BufferClaim {
        var taken = BufferClaim(budget)
        swap(&taken.bytes, &bytes)
        return taken
    }
}
