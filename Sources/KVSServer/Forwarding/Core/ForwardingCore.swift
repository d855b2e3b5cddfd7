import Basics

/// What decides in a forwarder: which request goes where, when, and how it ends.
///
/// Pure: events and the time come in, actions go out; sockets, timers and clients are outside. Each call
/// does a bounded amount of work, and what is left of it is done by ``work(at:)``. The promises that
/// it keeps (`docs/architecture.md`) are checked by a simulator after every event.
struct ForwardingCore {
    struct Limits: Sendable {
        /// Connections for requests, busy and idle. Probes may have some beside them.
        var connections: Int
        /// Exchanges that wait for a connection.
        var waiting = 4096
        /// How long connecting to one address may take.
        var connectTime: TimeSpan
        /// Connections idle for longer are closed.
        var idleTime = TimeSpan.seconds(30)

        /// How long a probe may take: connecting, and as long again, at least a second, for the answer.
        var probeTime: TimeSpan { connectTime + max(connectTime, .seconds(1)) }
    }

    /// Probes under way. They overlap: one that is lost must not hide the main's return, and a main
    /// that answers slowly must have the time to.
    static let maximumProbes = 40
    /// How soon a name that means nothing is looked up again.
    static let resolutionInterval = TimeSpan.milliseconds(100)
    /// How many exchanges are begun, or ended, in one turn.
    static let workPerTurn = 32
    /// A connection is not used within this time, and three round trips, of the main's closing it.
    static let keepAliveMargin = TimeSpan.seconds(1)

    let limits: Limits
    var health: MainHealth
    var exchanges: [ExchangeRecord] = []
    var connections: [ConnectionRecord] = []
    var freeConnections: [Int32] = []
    var idle = IdleConnections()
    var waiting = WaitingExchanges()
    /// Exchanges that wait and have not ended.
    var waitingCount = 0
    /// Connections that are there for requests.
    var connectionCount = 0
    var probeCount = 0
    /// Probes so far: they take turns among the addresses.
    private var probeNumber = 0
    private var submittedCount: UInt64 = 0
    /// How many addresses the main's name means, and the one to try first.
    var addressCount: Int
    var preferredAddress = 0
    /// Counts the lists of addresses: the tries of an exchange belong to one of them.
    var addressGeneration: UInt32 = 0
    /// When to look the name up again, where it means nothing and somebody waits.
    var nextResolution = MonotonicTime(nanoseconds: .min)
    var isClosing = false
    var counts = ForwardingCounts()
    /// No deadline of an exchange or a connection is earlier.
    var earliestDeadline = MonotonicTime.distantFuture
    /// What is to be done. Whoever calls takes it out.
    var actions: [ForwardingAction] = []

    init(limits: Limits, addresses: Int) {
        self.limits = limits
        addressCount = addresses
        let rest = TimeSpan(nanoseconds: limits.probeTime.nanoseconds / Int64(Self.maximumProbes))
        health = MainHealth(probeInterval: max(rest, .milliseconds(50)))
    }

    mutating func handle(_ event: ForwardingEvent, at now: MonotonicTime) {
        switch event {
        case .submit(let id, let isProbe, let isWrite, let start, let deadline):
            submit(id, isProbe: isProbe, isWrite: isWrite, start: start, deadline: deadline, now)
        case .connected(let id): isConnected(id, now)
        case .replied(let id, let isReusable, let keepsFor):
            hasReplied(id, isReusable: isReusable, keepsFor: keepsFor, now)
        case .failed(let id, let failure): hasFailed(id, failure, now)
        case .resolved(let addresses): hasResolved(addresses: addresses)
        case .answered: mainHasAnswered(now)
        // Who has found it out has told it.
        case .answeredElsewhere: _ = health.hasAnswered(at: now)
        case .silentElsewhere: _ = health.isSilent(at: now)
        case .timer: timeHasPassed(now)
        case .close: isClosing = true
        }
    }

    /// Something has come from the main's address to somebody else in the process.
    mutating func note(answerAt time: MonotonicTime) { health.note(answerAt: time) }

    // MARK: - Submitting

    private mutating func submit(
        _ id: ExchangeID,
        isProbe: Bool,
        isWrite: Bool,
        start: MonotonicTime,
        deadline: MonotonicTime,
        _ now: MonotonicTime
    ) {
        while exchanges.count <= id { exchanges.append(ExchangeRecord()) }
        submittedCount += 1
        exchanges[id] = ExchangeRecord(
            number: submittedCount,
            isProbe: isProbe,
            isWrite: isWrite,
            start: start,
            deadline: deadline
        )
        if isProbe {
            probeCount += 1
            probeNumber += 1
            exchanges[id].firstAddress = probeNumber
        }
        if isClosing || now >= deadline {
            end(id, .failed(wasSent: false))
        } else if isProbe {
            // It connects anew, whatever stands idle, and whatever waits.
            begin(id, now)
        } else if health.state == .silent {
            health.hasBeenAsked(at: now)
            end(id, .failed(wasSent: false))
            probeIfDue(now)
        } else if waitingCount == 0, mayBegin {
            begin(id, now)
        } else if waitingCount < limits.waiting {
            wait(id, now)
        } else {
            end(id, .failed(wasSent: false))
        }
    }

    /// Whether a connection is idle, or may be made. An idle one may prove to be of no use: it has
    /// then left its place.
    var mayBegin: Bool {
        (idle.count > 0 || connectionCount < limits.connections) && addressCount > 0
    }

    private mutating func wait(_ id: ExchangeID, _ now: MonotonicTime) {
        if addressCount == 0 {
            if waitingCount == 0 { nextResolution = now }
            resolveIfDue(now)
        }
        exchanges[id].isWaiting = true
        waitingCount += 1
        note(deadline: due(of: exchanges[id]))
        waiting.append(.init(exchange: id, number: exchanges[id].number))
    }

    /// Sends the request on a connection that is idle, or on a new one.
    mutating func begin(_ id: ExchangeID, _ now: MonotonicTime) {
        note(deadline: exchanges[id].deadline)
        if !exchanges[id].isProbe, let connection = takeIdle(now) {
            exchanges[id].attempts += 1
            exchanges[id].connection = connection.slot
            exchanges[id].wasSent = false
            connections[Int(connection.slot)].exchange = id
            actions.append(.send(id, connection))
        } else if exchanges[id].isProbe || connectionCount < limits.connections {
            connect(id, now)
        } else {
            // All that was idle was of no use, and others have taken the places.
            putBack(id)
        }
    }

    /// The exchange goes back to its place in the line.
    mutating func putBack(_ id: ExchangeID) {
        exchanges[id].connection = -1
        exchanges[id].isWaiting = true
        waitingCount += 1
        waiting.putBack(.init(exchange: id, number: exchanges[id].number))
    }

    private mutating func connect(_ id: ExchangeID, _ now: MonotonicTime) {
        let exchange = exchanges[id]
        let address = nextAddress(for: exchange)
        guard let address else {
            end(id, .failed(wasSent: false))
            return
        }
        let deadline = min(now + limits.connectTime, exchange.deadline)
        let slot = freeConnections.popLast() ?? Int32(connections.count)
        if Int(slot) == connections.count { connections.append(ConnectionRecord()) }
        connections[Int(slot)] = ConnectionRecord(
            generation: connections[Int(slot)].generation &+ 1,
            exchange: id,
            isForProbe: exchange.isProbe,
            address: address,
            addressGeneration: addressGeneration,
            silences: health.silences,
            connectStart: now,
            connectDeadline: deadline
        )
        if !exchange.isProbe { connectionCount += 1 }
        exchanges[id].attempts += 1
        exchanges[id].connection = slot
        exchanges[id].wasSent = false
        note(deadline: deadline)
        actions.append(.connect(connections[Int(slot)].id(slot), address: address, id))
    }

    // MARK: - What goes on elsewhere

    private mutating func hasResolved(addresses: Int) {
        guard addresses > 0 else { return }
        addressCount = addresses
        preferredAddress = 0
        addressGeneration &+= 1
    }

    mutating func mainHasAnswered(_ now: MonotonicTime) {
        if health.hasAnswered(at: now) { actions.append(.healthHasChanged) }
    }

    /// Bytes of an exchange have been taken by the kernel.
    mutating func bytesHaveLeft(_ id: ConnectionID) {
        guard isCurrent(id) else { return }
        let exchange = connections[Int(id.slot)].exchange
        guard exchange >= 0, !exchanges[exchange].wasSent else { return }
        exchanges[exchange].wasSent = true
        counts.sent += 1
    }

    mutating func probeIfDue(_ now: MonotonicTime) {
        guard let due = health.nextProbe, due <= now, !isClosing else { return }
        health.probeHasBegun(at: now)
        // The main may be somewhere else meanwhile.
        actions.append(.resolve)
        if probeCount < Self.maximumProbes, addressCount > 0 { actions.append(.probe) }
    }

    /// While somebody waits for the name to mean something.
    mutating func resolveIfDue(_ now: MonotonicTime) {
        guard addressCount == 0, nextResolution <= now else { return }
        nextResolution = now + Self.resolutionInterval
        actions.append(.resolve)
    }

    mutating func note(deadline: MonotonicTime) {
        if deadline < earliestDeadline { earliestDeadline = deadline }
    }

    /// Whether it is the present connection of its slot.
    func isCurrent(_ id: ConnectionID) -> Bool {
        Int(id.slot) < connections.count
            && connections[Int(id.slot)].generation == id.generation
            && connections[Int(id.slot)].isOpen
    }
}
