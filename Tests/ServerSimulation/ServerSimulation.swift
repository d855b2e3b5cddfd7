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
    private static let callsPerTurn = 64
    /// When the last connection has ended, whatever its client does.
    private static let longest = TimeSpan.seconds(60)

    let seed: UInt64
    let isTraced: Bool
    let scenario: ServerScenario
    var random: SeededGenerator
    let budget: BufferBudget
    let observer = CountingObserver()
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2048, alignment: 16)
    private var queue = TimedQueue<Event>()
    private var now = ServerSimulation.start
    private(set) var tick = 0
    private(set) var isDraining = false
    private var drainTime = MonotonicTime.distantFuture
    private(set) var eventCount = 0
    private(set) var violation: Violation?

    private var connections: [SimulatedServerConnection] = []
    private var clients: [SimulatedClientSide]
    private var live: Set<Int> = []
    private var hasEdge: Set<Int> = []
    /// For how many sweeps a connection has waited for a request.
    private var idleTicks: [Int]
    /// Writes that a handler has seen.
    private var written: Set<String> = []
    private var line: [SimulatedServerConnection] = []
    private var isRunScheduled = false
    private var isClosed = false
    private var calls = 0
    private var handled = 0
    private var handling = false
    private var repliesPrinted = 0
    /// When a reply has said that the connection goes on.
    private var keptAt: [Int?]
    /// The request that each connection's handler had last.
    private var lastHandled: [SimulatedRequest?]
    var faults: [ConnectionFault] = []
    private var turnTime = MonotonicTime.distantPast

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

    private func handle(_ event: Event) {
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

    private func send(_ index: Int) {
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

    private func hear(_ index: Int) {
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

    private func sweep() {
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

    private func runLine() {
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

    private func scheduleRun() {
        guard !isRunScheduled else { return }
        isRunScheduled = true
        append(.queueRuns, after: .zero)
    }

    // MARK: - What connections ask

    func edge(at index: Int) {
        if hasEdge.insert(index).inserted {
            append(.edge(index), after: random.span(upTo: scenario.lateness))
        }
    }

    func standInLine(_ connection: SimulatedServerConnection) {
        guard !connection.isQueued else { return }
        connection.isQueued = true
        line.append(connection)
        scheduleRun()
    }

    func remove(_ connection: SimulatedServerConnection) {
        if live.remove(connection.index) == nil { violate("a connection ends once") }
    }

    func fails() -> Bool { scenario.failures > 0 && random.below(10_000) < scenario.failures }

    /// Time goes on in a turn as well.
    func timeInTurn() -> MonotonicTime {
        turnTime = max(turnTime, now) + random.span(0, 1)
        return turnTime
    }

    func hasPrinted(on stream: SimulatedStream, isLast: Bool) {
        repliesPrinted += 1
        keptAt[stream.index] = isLast ? nil : tick
        guard isLast, let request = lastHandled[stream.index], !request.isLast, stream.hasInput()
        else {
            return
        }
        violate("what has arrived behind \(request.name) is answered as well")
    }

    /// Who was told that the connection goes on may count on it for a while.
    func closes(_ stream: SimulatedStream) {
        guard let kept = keptAt[stream.index], scenario.isGood, clients[stream.index].plan.isGood,
            !isRefused(stream.index), !stream.hasFinished, violation == nil
        else { return }
        if tick < kept + scenario.limits.idleTicks {
            violate("a connection that goes on is kept for a while")
        }
    }

    /// Whether it is the guard that ends a client's connection.
    func isRefused(_ index: Int) -> Bool { connections[index].peer.hasRefused }

    func call(_ stream: SimulatedStream, isRead: Bool) {
        calls += 1
        if calls > Self.callsPerTurn { violate("a turn is bounded") }
        if stream.isClosed { violate("nothing is done with a closed socket") }
        if isRead, stream.isFull { violate("nothing is read from who does not take replies") }
        if isRead, connections[stream.index].peer.holdsRequest {
            violate("nothing is read while a handler has the request")
        }
    }

    func handle(_ connection: SimulatedServerConnection, _ number: UInt64) {
        if handling { violate("no handler runs inside another one") }
        handling = true
        handled += 1
        if handled > ConnectionState.unitsPerTurn { violate("a turn has so many requests at most") }
        idleTicks[connection.index] = 0
        defer { handling = false }
        guard let driver = connection.driver else { return }
        let target = String(decoding: driver.intake.reader.target, as: UTF8.self)
        guard
            let request = clients[connection.index].plan.requests.first(where: {
                "/\($0.name)" == target
            })
        else { return violate("a handler gets what was sent: \(target)") }
        if request.kind == .put || request.kind == .chunked { written.insert(request.name) }
        if !request.hasHandler { violate("\(request.name) is not for a handler") }
        lastHandled[connection.index] = request
        let body = driver.intake.body?.withContiguousBytes { Array($0) } ?? []
        if body != request.body { violate("the body of \(request.name) is what was sent") }
        switch request.answer {
        case .atOnce: reply(to: connection, number, request)
        case .later(let span), .tooLate(let span):
            append(.replies(connection.index, number, request), after: span)
        case .dropped: driver.requestWasDropped(number)
        }
    }

    private func reply(
        to connection: SimulatedServerConnection,
        _ number: UInt64,
        _ request: SimulatedRequest
    ) {
        guard let driver = connection.driver else { return }
        let hasLength = random.chance(50)
        driver.reply(
            to: number,
            .ok,
            .octetStream,
            fields: [],
            headLength: hasLength ? request.reply.count : nil
        ) { buffer in
            !fails() && request.reply.withUnsafeBytes { buffer.append($0) }
        }
    }

    // MARK: - Promises

    private func checkBudget() {
        // Who is alone may have more, and for a moment one reply more may be out.
        if live.isEmpty, budget.usedBytes != 0 { violate("what is held is given back") }
        if budget.usedBytes < 0 { violate("nothing is given back that was not taken") }
    }

    /// Whose client has ended, and has been answered, waits for nothing.
    private func checkEnd(of connection: SimulatedServerConnection) {
        guard let driver = connection.driver, driver.state.isIdle(driver) else {
            idleTicks[connection.index] = 0
            return
        }
        idleTicks[connection.index] += 1
        if idleTicks[connection.index] > scenario.limits.idleTicks + 2 {
            violate("who asks for nothing is let go")
        }
        if connection.stream.peerHasFinished, !connection.stream.mayRead,
            !hasEdge.contains(connection.index)
        {
            violate("who has ended is let go")
        }
    }

    private func checkEnd() {
        if budget.usedBytes != 0 { violate("what is held is given back") }
        if !live.isEmpty { violate("every connection ends") }
        if observer.ended.filter({ $0.status != nil }).count < repliesPrinted {
            violate("each reply is told of")
        }
        for (index, client) in clients.enumerated() { checkEnd(of: client, connections[index]) }
    }

    private func checkEnd(of client: SimulatedClientSide, _ connection: SimulatedServerConnection) {
        guard client.plan.isGood, !client.isCut, scenario.failures == 0, scenario.closesAt == nil,
            scenario.budget == 1 << 30
        else { return }
        // What had arrived when a stop began is answered, and everything where none began.
        let last = client.plan.requests.firstIndex { $0.isLast } ?? client.plan.requests.count - 1
        let due = client.arrived.prefix(last + 1).count { $0 < drainTime }
        if client.answered < due {
            violate("client \(connection.index) has \(client.answered) replies of \(due)")
        }
        if scenario.drainsAt == nil, client.answered <= last {
            violate(
                "client \(connection.index) is served to its end: \(client.answered) of \(last + 1)"
            )
        }
    }

    func violate(_ promise: @autoclosure () -> String) {
        guard violation == nil else { return }
        violation = Violation(seed: seed, time: now - Self.start, promise: promise())
        if isTraced { trace("VIOLATION: \(violation?.promise ?? "")") }
    }

    private func append(_ event: Event, after span: TimeSpan) {
        queue.append(event, at: now + span)
    }

    func trace(_ line: @autoclosure () -> String) {
        if isTraced { print((now - Self.start).inMilliseconds, line()) }
    }
}

/// Counts what becomes of requests.
final class CountingObserver: RequestObserver, @unchecked Sendable {
    // Safe: one thread runs a schedule.
    private(set) var ended: [RequestRecord] = []

    func requestHasEnded(_ record: RequestRecord) { ended.append(record) }
}
