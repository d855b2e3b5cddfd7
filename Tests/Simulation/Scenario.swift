import Basics

#if canImport(KVSServer)
    @testable import KVSServer
#endif

/// What a schedule is made of: the network, the main, the clients, and what may go wrong.
struct Scenario {
    enum Kind {
        /// The main is there, reachable, and answers each request: nobody may fail.
        case healthy
        /// The main is there, but everything may go wrong.
        case rough
        /// The main, or the way to it, goes and comes back; or it moves.
        case away
        /// Hundreds wait.
        case crowd
    }

    struct Change {
        var time: TimeSpan
        var machine: Int
        var state: SimulatedMachine.State
        var isRestart = false
    }

    var kind: Kind
    var limits = ForwardingCore.Limits(connections: 3, connectTime: .seconds(1))
    /// From the beginning of an exchange to its deadline.
    var forwardTime = TimeSpan.seconds(5)
    var roundTrip = TimeSpan.zero
    /// How late a timer may be.
    var lateness = TimeSpan.zero
    /// How often, and for how long, the loop is busy with something else.
    var busyPercent = 0
    var busyTime = TimeSpan.zero

    /// The machines, and which of them the name means at first.
    var machines: [SimulatedMachine.State] = [.serving]
    var addresses: [Int] = [0]
    var nameIsKnown = true
    var lookupTime = TimeSpan.zero
    /// When the name comes to mean others, and whom.
    var movesAt: TimeSpan?
    var newAddresses: [Int] = []
    var changes: [Change] = []
    /// When the kernel gives up to reach a machine that is gone; nil: later than anybody waits.
    var unreachableAfter: TimeSpan?
    var refusesAtOnce = false

    /// What the main says, and does, about connections that are idle.
    var keepsFor: TimeSpan?
    var keepsReally = TimeSpan.seconds(75)
    var lastReplyPercent = 0
    var serviceTime = TimeSpan.zero

    var localFailurePercent = 0
    var sendFailurePercent = 0
    var badReplyPercent = 0
    var leavePercent = 0
    /// Whether another loop may hear from the main first.
    var otherLoopHears = false
    /// Whether another loop may find out first that the main is silent.
    var otherLoopFindsSilence = false
    /// Whether it is another loop that probes, for all of them.
    var otherLoopProbes = false
    var closesAt: TimeSpan?

    var clients: [SimulatedClient] = []
    /// Clients begin within that time.
    var beginning = TimeSpan.zero

    var requestCount: Int { clients.reduce(0) { $0 + $1.remaining } }

    /// Timers, the loop and the core's turns may be late by that much.
    var tick: TimeSpan {
        lateness * Int64(3 + requestCount / ForwardingCore.workPerTurn) + busyTime * 2
            + .milliseconds(1)
    }

    /// How long lookups may take to tell that the name means others.
    var lookupBound: TimeSpan {
        movesAt == nil ? .zero : (lookupTime + Simulation.lookupPause) * 2
    }
}
