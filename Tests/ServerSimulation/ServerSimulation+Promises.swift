import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// What must hold in each schedule.
extension ServerSimulation {
    func checkBudget() {
        // Who is alone may have more, and for a moment one reply more may be out.
        if live.isEmpty, budget.usedBytes != 0 { violate("what is held is given back") }
        if budget.usedBytes < 0 { violate("nothing is given back that was not taken") }
    }

    /// Whose client has ended, and has been answered, waits for nothing.
    func checkEnd(of connection: SimulatedServerConnection) {
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

    func checkEnd() {
        if budget.usedBytes != 0 { violate("what is held is given back") }
        if !live.isEmpty { violate("every connection ends") }
        if observer.ended.filter({ $0.status != nil }).count < repliesPrinted {
            violate("each reply is told of")
        }
        for (index, client) in clients.enumerated() { checkEnd(of: client, connections[index]) }
    }

    func checkEnd(of client: SimulatedClientSide, _ connection: SimulatedServerConnection) {
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

    func append(_ event: Event, after span: TimeSpan) {
        queue.append(event, at: now + span)
    }

    func trace(_ line: @autoclosure () -> String) {
        if isTraced { print((now - Self.start).inMilliseconds, line()) }
    }
}
