import Basics

/// What the forwarding core knows of one exchange.
struct ExchangeRecord: Sendable {
    /// Counts all exchanges, in the order in which they came; 0 while the slot is free.
    var number: UInt64 = 0
    var isProbe = false
    /// Whether the request changes data, so that it must not be sent twice.
    var isWrite = false
    var start = MonotonicTime(nanoseconds: 0)
    /// When somebody must have been told how it ended.
    var deadline = MonotonicTime.distantFuture
    /// Connections that it was sent on, or wanted to be.
    var attempts = 0
    /// Whether any byte of it has left on its present, or last, connection.
    var wasSent = false
    var isWaiting = false
    /// The slot of its connection, or -1.
    var connection: Int32 = -1
    /// Which address a probe begins with, modulo their number: probes take turns.
    var firstAddress = 0
    /// The addresses, by bit, at which nobody could be reached, and the list that they belong to.
    var triedAddresses: UInt64 = 0
    var triedGeneration: UInt32 = 0
    /// Whether it has waited at some address for an answer that did not come.
    var hasWaitedInVain = false

    var isActive: Bool { number != 0 }
}

/// What the forwarding core knows of one connection.
struct ConnectionRecord: Sendable {
    var generation: UInt32 = 0
    /// The exchange that it carries, or -1.
    var exchange: ExchangeID = -1
    var isOpen = true
    /// Made for a probe, beyond the limit of connections.
    var isForProbe = false
    var address = 0
    var addressGeneration: UInt32 = 0
    /// How many silences there had been when it was made: after a further one it is not trusted.
    var silences: UInt32 = 0
    var connectStart = MonotonicTime(nanoseconds: 0)
    /// When it must have connected; the distant future once it has.
    var connectDeadline = MonotonicTime.distantFuture
    var roundTrip = TimeSpan.zero
    /// Whether it has brought a reply before.
    var hasServed = false
    /// How long the main keeps it when it is idle; nil where the main has not said.
    var keepsFor: TimeSpan?
    /// While it is idle: when it is of no use any more.
    var idleDeadline = MonotonicTime.distantFuture

    func id(_ slot: Int32) -> ConnectionID {
        ConnectionID(slot: slot, generation: generation)
    }
}
