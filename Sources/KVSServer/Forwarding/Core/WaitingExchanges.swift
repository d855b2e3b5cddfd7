import Basics

/// Exchanges that wait for a connection, in the order in which they came.
///
/// One that is tried again goes back to its place in that order. One that ends while it waits is left
/// behind in the line, and passed over when its turn comes: its number tells it from the slot's next.
struct WaitingExchanges {
    struct Entry: Equatable, Sendable {
        let exchange: ExchangeID
        /// Counts all exchanges, in the order in which they came.
        let number: UInt64
    }

    private var line = FIFO<Entry>()
    /// Those that are tried again, by number.
    private var again: [Entry] = []

    /// Whether nobody waits, not even one that has ended.
    var isEmpty: Bool { line.isEmpty && again.isEmpty }

    mutating func append(_ entry: Entry) { line.append(entry) }

    mutating func putBack(_ entry: Entry) {
        let place = again.lastIndex { $0.number < entry.number }.map { $0 + 1 } ?? 0
        again.insert(entry, at: place)
    }

    var first: Entry? {
        guard let back = again.first else { return line.first }
        guard let next = line.first else { return back }
        return back.number < next.number ? back : next
    }

    mutating func removeFirst() {
        if let back = again.first, back.number <= line.first?.number ?? .max {
            again.removeFirst()
        } else {
            _ = line.popFirst()
        }
    }
}
