import Testing

@testable import Basics
@testable import KVSServer

@Suite("ForwardingCore: a silent main")
struct ForwardingCoreSilenceTests {
    private static func notSent(_ id: ExchangeID) -> ForwardingAction {
        .finish(id, .failed(wasSent: false))
    }

    /// The address that a probe connects to, and by which connection.
    private static func probed(
        _ actions: [ForwardingAction]
    ) -> (id: ConnectionID, address: Int)? {
        for case .connect(let id, let address, _) in actions { return (id, address) }
        return nil
    }

    @Test(
        "A request that nobody answers begins a silence: others fail at once, and probes go"
    )
    func begins() {
        let run = CoreRun()
        _ = run.submit(0, isWrite: true, time: .milliseconds(200))
        _ = run.handle(.connected(.first))
        run.bytesHaveLeft(.first)
        run.advance(to: 1200)
        #expect(
            run.handle(.timer) == [
                .close(.first), .finish(0, .failed(wasSent: true)), .healthHasChanged, .resolve,
            ]
        )
        #expect(run.core.health.state == .silent)
        #expect(run.submit(1) == [Self.notSent(1), .resolve, .probe])
        #expect(run.submit(2) == [Self.notSent(2)], "one probe at a time is enough")
        run.advance(to: 1249)
        #expect(run.submit(3) == [Self.notSent(3)])
        run.advance(to: 1250)
        #expect(run.handle(.timer) == [.resolve, .probe])
    }

    @Test("So does one for which nobody could be connected to, at any address")
    func beginsUnconnected() {
        let run = CoreRun(connections: 1, addresses: 2)
        _ = run.submit(0)
        run.advance(to: 1500)
        #expect(!run.handle(.timer).contains(.healthHasChanged), "the first address says nothing")
        run.advance(to: 2000)
        #expect(
            run.handle(.timer) == [
                .close(.first.next), .resolve, Self.notSent(0), .healthHasChanged, .resolve,
            ]
        )
        let refused = CoreRun(connections: 1, addresses: 2)
        _ = refused.submit(0)
        refused.advance(to: 1500)
        _ = refused.handle(.timer)
        #expect(
            refused.handle(.failed(.first.next, .refused))
                == [.close(.first.next), .resolve, Self.notSent(0)],
            "at the second address there is a machine"
        )
    }

    @Test("Where anything was answered since it began, the main is slow: no silence")
    func slow() {
        let run = CoreRun()
        _ = run.submit(0, time: .milliseconds(200))
        _ = run.submit(1)
        _ = run.handle(.connected(.first))
        run.bytesHaveLeft(.first)
        run.advance(to: 1100)
        _ = run.replied(.second)
        run.advance(to: 1200)
        #expect(run.handle(.timer) == [.close(.first), .finish(0, .failed(wasSent: true))])
        #expect(run.core.health.state == .present)
    }

    @Test(
        "Our own failures, and waits in our own line, begin no silence",
        arguments: [.local, .stale, .refused, .lost] as [ConnectionFailure]
    )
    func noSilence(failure: ConnectionFailure) {
        let run = CoreRun(connections: 1)
        _ = run.submit(0, time: .milliseconds(200))
        _ = run.submit(1, time: .milliseconds(100))
        run.advance(to: 1100)
        #expect(run.handle(.timer) == [Self.notSent(1)])
        run.advance(to: 1199)
        #expect(!run.handle(.failed(.first, failure)).contains(.healthHasChanged))
        #expect(run.core.health.state == .present)
    }

    @Test(
        "All that waits fails when the silence begins, here or elsewhere; what is under way goes on"
    )
    func waiting() {
        let run = CoreRun(connections: 1)
        _ = run.submit(0)
        _ = run.submit(1)
        _ = run.submit(2)
        // Who has found it out has told it.
        #expect(run.handle(.silentElsewhere) == [Self.notSent(1), Self.notSent(2)])
        #expect(run.handle(.silentElsewhere) == [], "no news")
        #expect(
            run.replied(.first) == [.healthHasChanged, .finish(0, .replied), .close(.first)],
            "its connection is from before the silence"
        )
        #expect(run.submit(3) == [.connect(.first.next, address: 0, 3)])
    }

    @Test("No connection from before a silence is used after it")
    func oldConnections() {
        let run = CoreRun(connections: 3)
        _ = run.submit(0)
        _ = run.submit(1)
        _ = run.replied(.first)
        _ = run.replied(.second)
        #expect(run.handle(.silentElsewhere) == [.close(.first), .close(.second)])
        #expect(run.handle(.answered) == [.healthHasChanged])
        #expect(run.handle(.answered) == [], "no news")
        guard case .connect = run.submit(2).first else {
            Issue.record("it connects anew")
            return
        }
        // Also where nobody has had the time to close them.
        let busy = CoreRun(connections: 1)
        let old = busy.makeIdle()
        busy.note(.silentElsewhere)
        busy.note(.answered)
        _ = busy.takeActions()
        #expect(busy.submit(1) == [.close(old), .connect(old.next, address: 0, 1)])
    }

    @Test("A probe connects anew, beyond the limit; where there is a place its connection is kept")
    func probes() {
        let run = CoreRun(connections: 1)
        _ = run.submit(0)
        #expect(run.submitProbe(1) == [.connect(.second, address: 0, 1)])
        #expect(run.replied(.second) == [.finish(1, .replied), .close(.second)])
        _ = run.handle(.replied(.first, isReusable: false, keepsFor: nil))
        let probe = Self.probed(run.submitProbe(2))
        guard let id = probe?.id else { return #expect(probe != nil) }
        #expect(run.replied(id) == [.finish(2, .replied)])
        #expect(run.submit(3) == [.send(3, id)])
        #expect(run.submit(4) == [], "it counts")
    }

    @Test("Probes take turns among the addresses, and each goes on to the next where nobody is")
    func probedAddresses() {
        let run = CoreRun(connections: 1, addresses: 3)
        let first = (0..<4).compactMap { Self.probed(run.submitProbe($0))?.address }
        #expect(first == [1, 2, 0, 1])
        let next = [0, 1].compactMap { _ in
            Self.probed(run.handle(.failed(.second, .unreachable)))?.address
        }
        #expect(next == [0])
        // The main answers there: requests begin with that one.
        run.makeSilent()
        _ = run.replied(ConnectionID(slot: 3, generation: 1))
        #expect(run.core.preferredAddress == 1)
    }

    @Test("So many probes overlap, and no more")
    func manyProbes() {
        let run = CoreRun()
        run.makeSilent()
        let limit = ForwardingCore.maximumProbes
        for id in 0..<limit - 1 { _ = run.submitProbe(id, time: .milliseconds(500)) }
        run.advance(to: 1200)
        #expect(run.handle(.timer) == [.resolve, .probe], "one more may be sent")
        _ = run.submitProbe(limit - 1, time: .milliseconds(500))
        run.advance(to: 1300)
        #expect(run.handle(.timer) == [.resolve])
        run.advance(to: 3000)
        var ended = 0
        for _ in 0..<3 {
            ended += run.handle(.timer).count { if case .finish = $0 { true } else { false } }
        }
        #expect(ended == limit)
        run.advance(to: 4000)
        #expect(run.handle(.timer) == [.resolve, .probe])
    }

    @Test("A probe that fails says nothing more about a silent main, and none is sent at the end")
    func failedProbe() {
        let run = CoreRun()
        run.makeSilent()
        let probe = Self.probed(run.submitProbe(0))
        guard let id = probe?.id else { return #expect(probe != nil) }
        #expect(run.handle(.failed(id, .unreachable)) == [.close(id), .resolve, Self.notSent(0)])
        #expect(run.core.health.silences == 1)
        _ = run.handle(.close)
        run.advance(to: 9000)
        #expect(run.handle(.timer) == [])
        #expect(run.core.nextTimer == nil)
    }
}
