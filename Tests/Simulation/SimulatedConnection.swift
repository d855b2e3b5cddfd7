import Basics

#if canImport(KVSServer)
    @testable import KVSServer
#endif

/// A connection, as both of its ends see it.
struct SimulatedConnection {
    // At the forwarder.
    let id: ConnectionID
    let machine: Int
    /// How many silences there had been when it was made.
    let silences: Int
    let start: MonotonicTime
    var isOpen = true
    var isConnected = false
    /// The exchange that it carries, or -1.
    var exchange: Int
    var isForProbe: Bool
    /// Whether bytes of the present exchange have left.
    var bytesHaveLeft = false

    // At the main.
    var isOpenAtMain = false
    var process = -1
    /// Requests that have arrived.
    var uses = 0
    var isBusyAtMain = false
    /// When the main closes it, if no request comes before.
    var closesAt = MonotonicTime.distantFuture
    /// When the end that the main has made of it is known to the forwarder's kernel.
    var endArrives = MonotonicTime.distantFuture
    /// What the reply under way says.
    var replyIsLast = false
    var replyKeepsFor: TimeSpan?
}
