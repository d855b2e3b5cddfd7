import Testing

@testable import Basics
@testable import KVSServer

@Suite("ForwardingCore: where a request goes, and when")
struct ForwardingCoreTests {
    typealias Action = ForwardingAction

    /// How an exchange ends before any byte of it has left.
    private static func notSent(_ id: ExchangeID) -> Action { .finish(id, .failed(wasSent: false)) }

    // MARK: - Submitting

    @Test(
        "A request goes out on what is idle, connects, or waits where all is busy"
    )
    func submitting() {
        let run = CoreRun(connections: 2, waiting: 1)
        #expect(run.submit(0) == [.connect(.first, address: 0, 0)])
        #expect(run.submit(1) == [.connect(.second, address: 0, 1)])
        #expect(run.submit(2) == [])
        #expect(run.submit(3) == [Self.notSent(3)], "the line is full")
        #expect(run.handle(.connected(.first)) == [])
        #expect(run.replied(.first) == [.finish(0, .replied), .send(2, .first)])
        #expect(run.replied(.second) == [.finish(1, .replied)])
        #expect(run.submit(4) == [.send(4, .second)])
    }

    @Test("First come, first served; of what is idle, the last used")
    func order() {
        let run = CoreRun(connections: 2)
        _ = run.submit(0)
        _ = run.submit(1)
        for id in 2...4 { #expect(run.submit(id) == []) }
        #expect(run.replied(.second) == [.finish(1, .replied), .send(2, .second)])
        #expect(run.replied(.first) == [.finish(0, .replied), .send(3, .first)])
        #expect(run.replied(.second) == [.finish(2, .replied), .send(4, .second)])
        #expect(run.replied(.second) == [.finish(4, .replied)])
        #expect(run.replied(.first) == [.finish(3, .replied)])
        #expect(run.submit(5) == [.send(5, .first)])
        #expect(run.submit(6) == [.send(6, .second)])
    }

    @Test("Who comes later does not overtake those that wait")
    func noOvertaking() {
        let run = CoreRun(addresses: 0)
        _ = run.submit(0)
        _ = run.submit(1)
        // There are connections to be had, and the line has not been looked at yet.
        run.note(.resolved(addresses: 1))
        #expect(
            run.submit(2) == [.connect(.first, address: 0, 0), .connect(.second, address: 0, 1)]
        )
        #expect(run.replied(.first) == [.finish(0, .replied), .send(2, .first)])
    }

    @Test("A connection that cannot take another request is closed, and its place is free")
    func notReusable() {
        let run = CoreRun(connections: 1)
        _ = run.submit(0)
        _ = run.submit(1)
        #expect(
            run.handle(.replied(.first, isReusable: false, keepsFor: nil))
                == [.finish(0, .replied), .close(.first), .connect(.first.next, address: 0, 1)]
        )
    }

    @Test("A request that has no time left is not sent, and one whose time passes in line is ended")
    func expired() {
        let run = CoreRun(connections: 1)
        #expect(run.submit(0, time: .zero) == [Self.notSent(0)])
        #expect(run.submit(1) == [.connect(.first, address: 0, 1)])
        #expect(run.submit(3) == [])
        #expect(run.submit(2, time: .milliseconds(300)) == [])
        #expect(run.submit(4) == [])
        run.advance(to: 1299)
        #expect(run.handle(.timer) == [])
        #expect(run.core.nextTimer == MonotonicTime(nanoseconds: 1_300_000_000))
        run.advance(to: 1300)
        #expect(run.handle(.timer) == [Self.notSent(2)])
        #expect(run.core.health.state == .present, "that says nothing about the main")
        // Its place in the line is nobody's, also where the slot has a new exchange.
        #expect(run.submit(2) == [])
        #expect(run.replied(.first) == [.finish(1, .replied), .send(3, .first)])
        #expect(run.replied(.first) == [.finish(3, .replied), .send(4, .first)])
        #expect(run.replied(.first) == [.finish(4, .replied), .send(2, .first)])
        #expect(run.replied(.first) == [.finish(2, .replied)])
    }

    @Test(
        "A name that means nothing is looked up again as long as somebody may wait for that"
    )
    func unresolved() {
        let run = CoreRun(addresses: 0)
        #expect(run.submit(0) == [.resolve])
        #expect(run.submit(1) == [])
        run.advance(to: 1099)
        #expect(run.handle(.timer) == [])
        run.advance(to: 1100)
        #expect(run.handle(.timer) == [.resolve])
        #expect(run.handle(.resolved(addresses: 0)) == [])
        run.advance(to: 1499)
        #expect(run.submit(2) == [.resolve])
        run.advance(to: 1500)
        #expect(run.handle(.timer) == [Self.notSent(0), Self.notSent(1)])
        #expect(run.handle(.resolved(addresses: 2)) == [.connect(.first, address: 0, 2)])
    }

    // MARK: - Idle connections

    @Test(
        "An idle connection is used until a second and three round trips before the main closes it",
        arguments: [
            // What the main says, the round trip, how long the connection is used; milliseconds.
            (nil, 100, 30_000), (75_000, 100, 30_000), (31_300, 100, 30_000), (31_299, 100, 29_999),
            (10_000, 0, 9000), (10_000, 100, 8700), (10_000, 300, 8100), (1500, 100, 200),
            (1301, 100, 1), (1300, 100, 0), (1000, 0, 0), (0, 0, 0), (2000, 400, 0),
        ] as [(Int64?, Int64, Int64)]
    )
    func keepsFor(told: Int64?, roundTrip: Int64, used: Int64) {
        for isAtEnd in [false, true] {
            let run = CoreRun(connections: 1)
            _ = run.submit(0)
            run.advance(to: 1000 + roundTrip)
            _ = run.handle(.connected(.first))
            run.advance(to: 5000)
            let actions = run.replied(.first, keepsFor: told.map { .milliseconds($0) })
            if used == 0 {
                #expect(actions == [.finish(0, .replied), .close(.first)])
                continue
            }
            #expect(actions == [.finish(0, .replied)])
            #expect(run.handle(.timer) == [])
            #expect(run.core.nextTimer == MonotonicTime(nanoseconds: (5000 + used) * 1_000_000))
            run.advance(to: 5000 + used - (isAtEnd ? 0 : 1))
            let expected: [Action] =
                isAtEnd
                ? [.close(.first), .connect(.first.next, address: 0, 1)] : [.send(1, .first)]
            #expect(run.submit(1) == expected)
        }
    }

    @Test("What the main has said of a connection holds where it says nothing more")
    func keepsForRemembered() {
        let run = CoreRun(connections: 1)
        let connection = run.makeIdle(keepsFor: .seconds(5))
        _ = run.submit(1)
        _ = run.replied(connection)
        run.advance(to: 5001)
        #expect(run.submit(2) == [.close(connection), .connect(connection.next, address: 0, 2)])
    }

    @Test(
        "Connections that have been idle for too long are closed, the oldest first, and no others"
    )
    func idleEnds() {
        let run = CoreRun(idleTime: .seconds(10))
        _ = run.submit(0)
        _ = run.submit(1)
        _ = run.replied(.first)
        run.advance(to: 1500)
        _ = run.replied(.second)
        run.advance(to: 10_999)
        #expect(run.handle(.timer) == [])
        run.advance(to: 11_000)
        #expect(run.handle(.timer) == [.close(.first)])
        #expect(run.core.nextTimer == MonotonicTime(nanoseconds: 11_500_000_000))
        run.advance(to: 20_000)
        #expect(run.handle(.timer) == [.close(.second)])
        #expect(run.core.isEmpty && run.core.nextTimer == nil)
    }

    @Test("When the name means other addresses, what was connected before is not used any more")
    func moved() {
        let run = CoreRun(connections: 1)
        let connection = run.makeIdle()
        #expect(run.handle(.resolved(addresses: 1)) == [])
        #expect(run.submit(1) == [.close(connection), .connect(connection.next, address: 0, 1)])
        _ = run.handle(.resolved(addresses: 2))
        #expect(run.replied(connection.next) == [.finish(1, .replied), .close(connection.next)])
    }

    @Test("What was found out about the old addresses does not hold for the new ones")
    func movedWhileTried() {
        let run = CoreRun(connections: 1, addresses: 2)
        _ = run.submit(0)
        #expect(
            run.handle(.failed(.first, .refused))
                == [.close(.first), .resolve, .connect(.first.next, address: 1, 0)]
        )
        #expect(run.handle(.resolved(addresses: 1)) == [])
        // The one that it has tried first was another one.
        #expect(
            run.handle(.failed(.first.next, .refused)) == [
                .close(.first.next), .resolve, .connect(.first.next.next, address: 0, 0),
            ]
        )
        #expect(
            run.handle(.failed(.first.next.next, .refused)) == [
                .close(.first.next.next), .resolve, Self.notSent(0),
            ]
        )
        let other = CoreRun(connections: 1, addresses: 2)
        _ = other.submit(0)
        _ = other.handle(.failed(.first, .refused))
        _ = other.handle(.replied(.first.next, isReusable: false, keepsFor: nil))
        #expect(other.core.preferredAddress == 1)
        _ = other.handle(.resolved(addresses: 2))
        #expect(other.core.preferredAddress == 0)
    }

    // MARK: - The end

    @Test("At the end everything fails, what has left as unknown, and all connections are closed")
    func closing() {
        let run = CoreRun(connections: 3)
        _ = run.submit(0)
        _ = run.submit(1)
        _ = run.submit(2)
        #expect(run.submit(3) == [])
        _ = run.replied(.first)
        run.bytesHaveLeft(.second)
        #expect(run.submit(4) == [])
        let third = ConnectionID(slot: 2, generation: 1)
        #expect(
            run.handle(.close) == [
                Self.notSent(4), Self.notSent(3), .close(.first),
                .finish(1, .failed(wasSent: true)), .close(.second), Self.notSent(2), .close(third),
            ]
        )
        #expect(run.core.isEmpty)
        run.advance(to: 90_000)
        #expect(run.handle(.timer) == [])
        #expect(run.core.nextTimer == nil)
        #expect(run.submit(5) == [Self.notSent(5)])
        #expect(run.submitProbe(6) == [Self.notSent(6)])
        // What the sockets still say concerns nobody.
        #expect(run.replied(.second) == [])
        #expect(run.handle(.failed(third, .lost)) == [])
    }

    @Test("A turn ends a bounded number of those that wait, and of connections")
    func boundedTurns() {
        let turn = ForwardingCore.workPerTurn
        let run = CoreRun(connections: 50, waiting: 100)
        for id in 0..<150 { _ = run.submit(id) }
        run.note(.close)
        var finished = 0
        var turns = 0
        while !run.core.isEmpty, turns < 100 {
            let (actions, hasMore) = run.work()
            turns += 1
            finished += actions.count { if case .finish = $0 { true } else { false } }
            #expect(actions.count <= 2 * turn)
            #expect(hasMore || run.core.isEmpty)
        }
        #expect(finished == 150)
        #expect(turns >= 150 / turn)
    }
}
