import Basics

#if canImport(KVSServer)
    @testable import KVSServer
    import TestSupport
#endif

/// One schedule in virtual time: the forwarding core, its driver, and a world made of a seed.
///
/// Everything that happens comes out of one queue. What a promise of the core forbids is noted as the
/// violation, and ends the schedule.
final class Simulation: ForwardingWorld, SimulatedSchedule {
    static let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    /// A name is not looked up more often than this.
    static let lookupPause = TimeSpan.milliseconds(100)
    /// What one call of the driver may ask of its world.
    static let callsPerTurn = 512
    /// Events at one instant: more than that, and something goes round in circles.
    private static let eventsPerInstant = 20_000

    let seed: UInt64
    let scenario: Scenario
    let isTraced: Bool
    var random: SeededGenerator
    var queue = TimedQueue<SimulatedEvent>()
    private(set) var now = Simulation.start
    private var eventsNow = 0
    private(set) var eventCount = 0
    private(set) var violation: Violation?
    let driver: ForwardingDriver<Simulation>

    var machines: [SimulatedMachine] = []
    var connections: [SimulatedConnection] = []
    /// The connection of each of the core's slots.
    var connectionOfSlot: [Int] = []
    var exchanges: [SimulatedExchange] = []
    /// The exchange of each slot, or -1.
    var exchangeOfSlot: [Int] = []
    var freeSlots: [ExchangeID] = []
    var clients: [SimulatedClient]

    // What the name means, to whom.
    var nameAddresses: [Int]
    var knownAddresses: [Int]
    var nameSince = Simulation.start
    var isLookingUp = false
    var lookupAnswer: [Int] = []
    var lastLookup: MonotonicTime?

    // The forwarder's loop.
    private var busyUntil = Simulation.start
    var toldLater: [Int] = []
    var isTellingScheduled = false
    var isTurnScheduled = false
    var timerNumber = 0
    var timerTime: MonotonicTime?
    /// Calls of the world on the stack, and those in this call of the driver.
    var depth = 0
    var calls = 0
    var isDriving = false
    var isClosed = false
    private var closedAt = MonotonicTime.distantFuture

    // What is known of the core.
    var openConnections = 0
    var openForProbes = 0
    var activeExchanges = 0
    var activeProbes = 0
    /// No exchange before this one waits.
    var firstWaiting = 0
    var silences = 0
    var silentSince: MonotonicTime?
    var lastAsked = Simulation.start
    var lastEvidence: MonotonicTime?
    /// What another loop has heard.
    var lastAnswerElsewhere = MonotonicTime(nanoseconds: .min)
    var timeOfLastAnswer: MonotonicTime { lastAnswerElsewhere }
    /// What keeps the schedule going: requests that are to come, answers to be told, changes.
    var work = 0

    init(seed: UInt64, isTraced: Bool) {
        self.seed = seed
        self.isTraced = isTraced
        random = SeededGenerator(seed: seed)
        scenario = Scenario(drawnWith: &random)
        clients = scenario.clients
        nameAddresses = scenario.addresses
        knownAddresses = scenario.nameIsKnown ? scenario.addresses : []
        let core = ForwardingCore(limits: scenario.limits, addresses: knownAddresses.count)
        driver = ForwardingDriver(core: core)
        driver.world = self
    }

    /// Runs the schedule.
    ///
    /// - Returns: The first promise that was not kept, if any.
    func run() -> Violation? {
        trace("\(scenario)")
        begin()
        while violation == nil {
            if work == 0, !isClosed { handle(.processEnds) }
            guard let (time, event) = queue.popFirst() else { break }
            if isClosed, time > closedAt + scenario.tick + .seconds(1) { break }
            pass(to: time)
            if event.isAtForwarder, now < busyUntil {
                queue.append(event, at: busyUntil)
            } else {
                handle(event)
            }
        }
        if violation == nil { checkEnd() }
        return violation
    }

    private func begin() {
        for state in scenario.machines {
            machines.append(SimulatedMachine(state: state, stateSince: now))
        }
        for (index, client) in clients.enumerated() {
            work += client.remaining
            append(.clientActs(index), after: random.span(upTo: scenario.beginning))
        }
        for change in scenario.changes {
            work += 1
            append(
                .machineChanges(change.machine, change.state, isRestart: change.isRestart),
                after: change.time
            )
        }
        if let time = scenario.movesAt {
            work += 1
            append(.nameChanges, after: time)
        }
        if let time = scenario.closesAt { append(.processEnds, after: time) }
        if !scenario.nameIsKnown { lookUp() }
    }

    private func pass(to time: MonotonicTime) {
        if time > now {
            now = time
            eventsNow = 0
        }
        eventCount += 1
        eventsNow += 1
        if eventsNow > Self.eventsPerInstant { violate("nothing goes on for ever at one instant") }
    }

    private func handle(_ event: SimulatedEvent) {
        if isTraced { trace("\(event)") }
        if event.isAtForwarder {
            handleAtForwarder(event)
            beBusy()
        } else {
            handleElsewhere(event)
        }
    }

    /// The loop has something else to do: what comes meanwhile, comes in a burst.
    private func beBusy() {
        guard scenario.busyPercent > 0, now >= busyUntil + .milliseconds(500),
            random.chance(scenario.busyPercent)
        else { return }
        busyUntil = now + random.span(upTo: scenario.busyTime)
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        closedAt = now
        drive(.close)
    }

    // MARK: - Small things

    func append(_ event: SimulatedEvent, after span: TimeSpan) {
        queue.append(event, at: now + span)
    }

    /// A promise was not kept. Only the first one counts: what follows may be its consequence.
    func violate(_ promise: @autoclosure () -> String) {
        guard violation == nil else { return }
        let violation = Violation(seed: seed, time: now - Self.start, promise: promise())
        self.violation = violation
        if isTraced { trace("VIOLATION: \(violation.promise)") }
    }

    func trace(_ line: @autoclosure () -> String) {
        if isTraced {
            print(
                (now - Self.start).inMilliseconds,
                String(repeating: "    ", count: depth),
                line()
            )
        }
    }
}
