import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// What connections ask of their surroundings.
extension ServerSimulation {
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

    func reply(
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
}
