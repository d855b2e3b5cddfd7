/// Which keys are wanted, and from where on.
package struct KeyQuery: Sendable {
    /// How they must begin; nil where they may begin in any way.
    package let prefix: Key?
    /// Where the batch before has ended; nil at the beginning.
    package let place: ListPlace?
    /// How many are wanted, at least 1. A batch may have fewer, or none, and there be more all the same.
    package let limit: Int

    package init(prefix: Key?, place: ListPlace?, limit: Int) {
        (self.prefix, self.place, self.limit) = (prefix, place, limit)
    }
}

/// A place in a list of keys: the engine's that gave it out, which alone knows what it means.
package struct ListPlace: Equatable, Sendable {
    /// Tells the list from others.
    package let list: UInt64
    package let position: UInt64

    package init(list: UInt64, position: UInt64) {
        (self.list, self.position) = (list, position)
    }
}

/// Some keys of a list.
package struct KeyBatch: Sendable {
    private let items: [Item]
    /// Where the next batch begins; nil where there is none.
    package let next: ListPlace?

    init(items: [Item], next: ListPlace?) {
        (self.items, self.next) = (items, next)
    }

    package var count: Int { items.count }

    /// Lends each key's bytes to `body`, in no order; the pointer is valid during the call.
    package func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        for item in items { item.withKey(body) }
    }
}
