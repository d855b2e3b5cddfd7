import Basics

/// An exchange, by the slot that its owner has given it. A slot is free again once the core has said
/// how the exchange ended.
typealias ExchangeID = Int

/// A connection to the main. Never used for another one: the generation tells events that come too
/// late from those of the slot's next connection.
struct ConnectionID: Equatable, Hashable, Sendable {
    let slot: Int32
    let generation: UInt32
}

/// How an exchange has ended.
enum ExchangeEnding: Equatable, Sendable {
    /// The connection has a whole reply.
    case replied
    /// No reply will come.
    ///
    /// - Parameter wasSent: Whether the main may have seen the request.
    case failed(wasSent: Bool)
    /// The main has answered, but there was no room to hold it.
    case overloaded
}

/// What happens to the forwarding core.
enum ForwardingEvent: Sendable {
    /// A request wants to be sent.
    case submit(
        ExchangeID,
        isProbe: Bool,
        isWrite: Bool,
        start: MonotonicTime,
        deadline: MonotonicTime
    )
    case connected(ConnectionID)
    /// A whole reply has come.
    ///
    /// - Parameters:
    ///   - isReusable: Whether the connection can take another request.
    ///   - keepsFor: How long the main keeps it when it is idle; nil where it did not say.
    case replied(ConnectionID, isReusable: Bool, keepsFor: TimeSpan?)
    case failed(ConnectionID, ConnectionFailure)
    /// The main's name means so many addresses now.
    case resolved(addresses: Int)
    /// Bytes have come while the main was taken for silent.
    case answered
    /// Another loop has heard from the main.
    case answeredElsewhere
    /// Another loop has waited for the main in vain.
    case silentElsewhere
    /// Time has passed.
    case timer
    /// The end: everything fails.
    case close
}

/// What the forwarding core wants done.
enum ForwardingAction: Equatable, Sendable {
    /// Connect to the address of that index, and send the exchange's request.
    case connect(ConnectionID, address: Int, ExchangeID)
    /// Send the exchange's request on an idle connection.
    case send(ExchangeID, ConnectionID)
    case close(ConnectionID)
    /// Tell whoever waits for it. The slot of the exchange is free.
    case finish(ExchangeID, ExchangeEnding)
    /// Submit a question of our own.
    case probe
    /// Look the main's name up again.
    case resolve
    /// The main is silent from now on, or no longer.
    case healthHasChanged
}

/// What has happened to a forwarding core so far, for metrics.
struct ForwardingCounts: Equatable, Sendable {
    /// Requests of which bytes have left, second tries and probes included.
    var sent = 0
    /// Connections that failed, or were of no use.
    private(set) var refused = 0
    private(set) var unreachable = 0
    private(set) var local = 0
    private(set) var lost = 0
    private(set) var stale = 0
    private(set) var overloaded = 0
    /// Requests whose reply did not come in time.
    var timedOut = 0

    mutating func note(_ failure: ConnectionFailure) {
        switch failure {
        case .refused: refused += 1
        case .unreachable: unreachable += 1
        case .local: local += 1
        case .lost: lost += 1
        case .stale: stale += 1
        case .overloaded: overloaded += 1
        }
    }
}
