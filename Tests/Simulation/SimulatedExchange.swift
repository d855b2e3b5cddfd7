import Basics

#if canImport(KVSServer)
    @testable import KVSServer
#endif

/// An exchange, as its owner and the main see it. Its number counts all submissions.
struct SimulatedExchange {
    let slot: ExchangeID
    /// -1 for a probe.
    let client: Int
    let isWrite: Bool
    let deadline: MonotonicTime
    var isActive = true
    var ending: ExchangeEnding?
    var isTold = false
    /// The connection that it is on, or -1: it waits.
    var connection = -1
    /// Connections on which bytes of it have left.
    var timesSent = 0
    /// How often a main has executed it.
    var timesExecuted = 0
    /// The world has a whole reply for it, or had no room for one.
    var hasReply = false
    var hadNoRoom = false

    var isProbe: Bool { client < 0 }
}

/// A client that pipelines its requests.
struct SimulatedClient {
    /// Requests that it has still to send.
    var remaining: Int
    /// Requests that it sends before it has the answers.
    let depth: Int
    /// How long it rests after an answer; zero: the next request is there already.
    let pause: TimeSpan
    let writePercent: Int
    var outstanding = 0
}
