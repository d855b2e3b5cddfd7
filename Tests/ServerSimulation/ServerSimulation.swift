import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// One schedule of a server's connections in virtual time: the program's own driver, state, reader, queue of
/// replies and budget, with clients, sockets, handlers and an evhttp made of a seed.
final class ServerSimulation: SimulatedSchedule {
    enum Event {
        case sends(Int)
        case edge(Int)
        case hears(Int)
        case resets(Int)
        case finishes(Int)
        case replies(Int, UInt64, SimulatedRequest)
        case queueRuns
        case sweeps
        case drains
        case closes
    }

    static let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    /// Calls of the socket and of handlers that one turn may make.
    static let callsPerTurn = 64
    /// When the last connection has ended, whatever its client does.
    static let longest = TimeSpan.seconds(60)

    let seed: UInt64
    let isTraced: Bool
    let scenario: ServerScenario
    var random: SeededGenerator
    let budget: BufferBudget
    let observer = CountingObserver()
    let requestIDs = RequestIDs()
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 16)
    var queue = TimedQueue<Event>()
    var now = ServerSimulation.start
    var tick = 0
    var isDraining = false
    var drainTime = MonotonicTime.distantFuture
    var eventCount = 0
    var violation: Violation?

    var connections: [SimulatedServerConnection] = []
    var clients: [SimulatedClientSide]
    var live: Set<Int> = []
    var hasEdge: Set<Int> = []
    /// For how many sweeps a connection has waited for a request.
    var idleTicks: [Int]
    /// Writes that a handler has seen.
    var written: Set<String> = []
    var line: [SimulatedServerConnection] = []
    var isRunScheduled = false
    var isClosed = false
    var calls = 0
    var handled = 0
    var handling = false
    var repliesPrinted = 0
    /// When a reply has said that the connection goes on.
    var keptAt: [Int?]
    /// The request that each connection's handler had last.
    var lastHandled: [SimulatedRequest?]
    var faults: [ConnectionFault] = []
    var turnTime = MonotonicTime.distantPast

    init(seed: UInt64, isTraced: Bool) {
        self.seed = seed
        self.isTraced = isTraced
        random = SeededGenerator(seed: seed)
        scenario = ServerScenario(drawnWith: &random)
        budget = BufferBudget(limit: scenario.budget)
        clients = scenario.clients.map { SimulatedClientSide(plan: $0) }
        idleTicks = clients.map { _ in 0 }
        lastHandled = clients.map { _ in nil }
        keptAt = clients.map { _ in nil }
    }

    deinit { readBuffer.deallocate() }

    /// Runs the schedule.
    ///
    /// - Returns: The first promise that was not kept, if any.
    func run() -> Violation? {
        trace("\(scenario)")
        for (index, client) in clients.enumerated() {
            connections.append(
                SimulatedServerConnection(self, index: index, window: client.plan.window)
            )
            live.insert(index)
            connections[index].driver?.start()
            append(.sends(index), after: random.span(0, 100))
            if let time = client.plan.resets { append(.resets(index), after: time) }
        }
        append(.sweeps, after: .milliseconds(100))
        if let time = scenario.drainsAt { append(.drains, after: time) }
        if let time = scenario.closesAt { append(.closes, after: time) }
        while violation == nil, let (time, event) = queue.popFirst() {
            now = time
            eventCount += 1
            (calls, handled) = (0, 0)
            if isTraced { trace("\(event)") }
            handle(event)
            checkBudget()
        }
        if violation == nil { checkEnd() }
        for connection in connections { connection.driver?.drop() }
        // They hold the simulation.
        connections = []
        return violation
    }

    // MARK: - Events

    func handle(_ event: Event) {
        switch event {
        case .sends(let index): send(index)
        case .edge(let index):
            hasEdge.remove(index)
            let connection = connections[index]
            connection.stream.tell()
            if !connection.isQueued { connection.driver?.streamIsReady() }
        case .hears(let index): hear(index)
        case .resets(let index):
            clients[index].isGone = true
            connections[index].stream.reset()
        case .finishes(let index): connections[index].stream.finish()
        case .replies(let index, let number, let request):
            reply(to: connections[index], number, request)
        case .queueRuns: runLine()
        case .sweeps: sweep()
        case .drains:
            isDraining = true
            drainTime = now
            for connection in connections { connection.driver?.drain() }
        case .closes:
            isClosed = true
            for connection in connections { connection.driver?.drop() }
        }
    }

    func send(_ index: Int) {
        guard !clients[index].isGone, let piece = clients[index].nextPiece() else { return }
        if !connections[index].stream.arrive(piece), !isRefused(index) {
            clients[index].isCut = true
        }
        clients[index].hasSent(piece.count, now: now)
        if clients[index].nextPiece() != nil {
            let rest =
                clients[index].sent == 0
                ? clients[index].plan.requests[clients[index].sending].rest : .zero
            append(.sends(index), after: max(clients[index].plan.pause, rest))
        } else if clients[index].sending == clients[index].plan.requests.count,
            clients[index].plan.finishes
        {
            append(.finishes(index), after: random.span(0, 5))
        }
    }

    /// The client has something to read, or has been told of the end.
    func clientHears(_ index: Int) {
        guard !clients[index].isWaiting else { return }
        clients[index].isWaiting = true
        append(.hears(index), after: clients[index].plan.readingPause)
    }

    func hear(_ index: Int) {
        clients[index].isWaiting = false
        let plan = clients[index].plan
        if clients[index].isGone { return }
        if let time = plan.stopsReading, now >= Self.start + time { return }
        let stream = connections[index].stream
        let before = clients[index].answered
        let couldContinue = clients[index].mayContinue
        let bytes = stream.take(plan.reading)
        let isStrict = scenario.isGood && plan.isGood && !clients[index].isCut
        if let promise = clients[index].hear(bytes, isStrict: isStrict, written: written) {
            violate(promise)
        }
        if !stream.output.isEmpty { clientHears(index) }
        if clients[index].answered > before || clients[index].mayContinue != couldContinue {
            let next = clients[index].sent == 0 ? clients[index].sending : plan.requests.count
            let rest = next < plan.requests.count ? plan.requests[next].rest : .zero
            append(.sends(index), after: max(rest, random.span(0, 3)))
        }
        let isDone = clients[index].hasHeardLast || clients[index].answered == plan.requests.count
        let hasEnded = stream.isShut && stream.output.isEmpty
        if hasEnded || (isDone && plan.leaves) {
            clients[index].isGone = true
            if clients[index].sent == 0, clients[index].sending < plan.requests.count {
                clients[index].isCut = true
            }
            if !stream.hasFinished { append(.finishes(index), after: random.span(0, 5)) }
        }
    }

    func sweep() {
        tick += 1
        for connection in connections {
            if let driver = connection.driver, driver.deadline <= tick { driver.expire() }
            (calls, handled) = (0, 0)
            checkEnd(of: connection)
        }
        if now - Self.start > Self.longest {
            violate("every connection ends: \(live.sorted()) do not")
        } else if !live.isEmpty {
            append(.sweeps, after: .milliseconds(100))
        }
    }

    func runLine() {
        isRunScheduled = false
        for connection in line {
            line.removeFirst()
            connection.isQueued = false
            (calls, handled) = (0, 0)
            connection.driver?.takeTurn()
            if violation != nil { return }
        }
        if !line.isEmpty { scheduleRun() }
    }

    func scheduleRun() {
        guard !isRunScheduled else { return }
        isRunScheduled = true
        append(.queueRuns, after: .zero)
    }
}

/// Counts what becomes of requests.
final class CountingObserver: RequestObserver, @unchecked Sendable {
    // Safe: one thread runs a schedule.
    private(set) var ended: [RequestRecord] = []

    let wantsTimeOfHandOver = true

    func connectionHasBegun() {}
    func connectionHasEnded() {}

    func requestHasEnded(_ record: RequestRecord, _ details: any RequestDetails) {
        ended.append(record)
    }
}
