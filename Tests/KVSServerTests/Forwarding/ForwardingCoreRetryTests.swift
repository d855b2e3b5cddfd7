import Testing

@testable import Basics
@testable import KVSServer

@Suite("ForwardingCore: what is tried again")
struct ForwardingCoreRetryTests {
    typealias Action = ForwardingAction

    /// What becomes of a request whose connection has failed.
    enum Outcome: Sendable {
        /// It goes out again, to the same address.
        case again
        /// It goes out again, to the next address.
        case elsewhere
        case notSent
        case unknown
        case overloaded
    }

    /// One way to fail.
    struct Case: Sendable, CustomTestStringConvertible {
        let failure: ConnectionFailure
        /// Whether the connection had brought a reply before.
        var isKept = false
        /// Whether bytes of the request had left.
        var wasSent = false
        var addresses = 1
        let read: Outcome
        let write: Outcome

        var testDescription: String {
            "\(failure) on a \(isKept ? "kept" : "new") connection, "
                + "\(wasSent ? "sent" : "not sent"), addresses: \(addresses)"
        }
    }

    static let cases: [Case] = [
        Case(failure: .refused, read: .notSent, write: .notSent),
        Case(failure: .refused, addresses: 2, read: .elsewhere, write: .elsewhere),
        Case(failure: .unreachable, read: .notSent, write: .notSent),
        Case(failure: .unreachable, addresses: 2, read: .elsewhere, write: .elsewhere),
        Case(failure: .local, read: .notSent, write: .notSent),
        Case(failure: .local, addresses: 2, read: .elsewhere, write: .elsewhere),
        Case(failure: .local, isKept: true, addresses: 2, read: .notSent, write: .notSent),
        Case(failure: .lost, read: .notSent, write: .notSent),
        Case(failure: .lost, addresses: 2, read: .elsewhere, write: .elsewhere),
        Case(failure: .lost, isKept: true, read: .again, write: .again),
        Case(failure: .lost, wasSent: true, read: .again, write: .unknown),
        Case(failure: .lost, wasSent: true, addresses: 2, read: .again, write: .unknown),
        Case(failure: .lost, isKept: true, wasSent: true, read: .again, write: .unknown),
        Case(failure: .local, wasSent: true, addresses: 2, read: .unknown, write: .unknown),
        Case(failure: .unreachable, wasSent: true, addresses: 2, read: .unknown, write: .unknown),
        Case(failure: .refused, wasSent: true, addresses: 2, read: .unknown, write: .unknown),
        Case(failure: .stale, read: .again, write: .again),
        Case(failure: .stale, isKept: true, read: .again, write: .again),
        Case(failure: .stale, isKept: true, addresses: 2, read: .again, write: .again),
        Case(failure: .overloaded, wasSent: true, read: .overloaded, write: .unknown),
        Case(failure: .overloaded, isKept: true, wasSent: true, read: .overloaded, write: .unknown),
    ]

    @Test("A write goes out twice only where the main cannot have seen it", arguments: cases)
    func failing(_ example: Case) {
        for isWrite in [false, true] {
            let run = CoreRun(connections: 1, addresses: example.addresses)
            if example.isKept { _ = run.makeIdle() }
            _ = run.submit(1, isWrite: isWrite)
            if example.wasSent { run.bytesHaveLeft(.first) }
            let actions = run.handle(.failed(.first, example.failure))
            #expect(actions.first == .close(.first))
            let expected: Action =
                switch isWrite ? example.write : example.read {
                case .again: .connect(.first.next, address: 0, 1)
                case .elsewhere: .connect(.first.next, address: 1, 1)
                case .notSent: .finish(1, .failed(wasSent: false))
                case .unknown: .finish(1, .failed(wasSent: true))
                case .overloaded: .finish(1, .overloaded)
                }
            let ends = actions.filter {
                switch $0 {
                case .connect, .send, .finish: true
                default: false
                }
            }
            #expect(ends == [expected], "write: \(isWrite)")
        }
    }

    @Test("What is not answered where somebody is has reached a main; where nobody is, it has not")
    func evidence() {
        let cases: [(ConnectionFailure, isAnswer: Bool)] = [
            (.refused, true), (.lost, true), (.overloaded, true),
            (.unreachable, false), (.local, false), (.stale, false),
        ]
        for (failure, isAnswer) in cases {
            let run = CoreRun()
            run.makeSilent()
            let probe = run.submitProbe(0)
            guard case .connect(let id, _, _) = probe.first else {
                Issue.record("a probe connects: \(probe)")
                continue
            }
            let actions = run.handle(.failed(id, failure))
            #expect(actions.contains(.healthHasChanged) == isAnswer, "\(failure)")
            #expect((run.core.health.state == .present) == isAnswer, "\(failure)")
        }
    }

    @Test("A read that was lost on its way is tried once more, not for ever")
    func readsOnce() {
        let run = CoreRun(connections: 1)
        _ = run.submit(0)
        run.bytesHaveLeft(.first)
        #expect(
            run.handle(.failed(.first, .lost))
                == [.close(.first), .connect(.first.next, address: 0, 0)]
        )
        run.bytesHaveLeft(.first.next)
        #expect(
            run.handle(.failed(.first.next, .lost))
                == [.close(.first.next), .finish(0, .failed(wasSent: true))]
        )
    }

    @Test("Each address is tried once, from the preferred one on; then the request fails")
    func addresses() {
        let run = CoreRun(connections: 1, addresses: 3)
        #expect(run.submit(0) == [.connect(.first, address: 0, 0)])
        var id = ConnectionID.first
        for address in 1...2 {
            #expect(
                run.handle(.failed(id, .refused))
                    == [.close(id), .resolve, .connect(id.next, address: address, 0)]
            )
            id = id.next
        }
        #expect(
            run.handle(.failed(id, .refused))
                == [.close(id), .resolve, .finish(0, .failed(wasSent: false))]
        )
        // The next one goes first where the last failure has left it.
        #expect(run.submit(1) == [.connect(id.next, address: 0, 1)])
        _ = run.handle(.failed(id.next, .refused))
        #expect(run.submit(2) == [])
        _ = run.replied(id.next.next)
        #expect(run.core.preferredAddress == 1)
    }

    @Test("An address that does not connect in time is given up for the next one")
    func connectTime() {
        let run = CoreRun(connections: 1, addresses: 2, connectTime: .milliseconds(500))
        _ = run.submit(0)
        run.advance(to: 1499)
        #expect(run.handle(.timer) == [])
        run.advance(to: 1500)
        #expect(
            run.handle(.timer)
                == [.close(.first), .resolve, .connect(.first.next, address: 1, 0)]
        )
        // Once connected, it has the whole of its time.
        _ = run.handle(.connected(.first.next))
        run.advance(to: 5999)
        #expect(run.handle(.timer) == [])
        run.advance(to: 6000)
        #expect(run.handle(.timer).contains(.finish(0, .failed(wasSent: false))))
    }

    @Test("Whoever is tried again has his place before those that came later")
    func place() {
        let run = CoreRun(connections: 1)
        _ = run.makeIdle()
        _ = run.submit(1)
        _ = run.submit(2)
        #expect(
            run.handle(.failed(.first, .stale))
                == [.close(.first), .connect(.first.next, address: 0, 1)]
        )
        #expect(run.replied(.first.next) == [.finish(1, .replied), .send(2, .first.next)])
    }

    @Test("Nothing is tried again after its time, at the end, or while the main is silent")
    func notAgain() {
        let late = CoreRun()
        _ = late.submit(0, time: .milliseconds(10))
        late.advance(to: 1010)
        #expect(
            late.handle(.failed(.first, .stale))
                == [.close(.first), .finish(0, .failed(wasSent: false))]
        )
        let closing = CoreRun()
        _ = closing.submit(0)
        closing.note(.close)
        #expect(
            closing.handle(.failed(.first, .stale))
                == [.close(.first), .finish(0, .failed(wasSent: false))]
        )
        let silent = CoreRun()
        _ = silent.submit(0)
        _ = silent.handle(.silentElsewhere)
        #expect(
            silent.handle(.failed(.first, .stale))
                == [.close(.first), .finish(0, .failed(wasSent: false))]
        )
    }

    @Test("Nor is a probe, which waits in no line")
    func probeNotAgain() {
        for isClosing in [false, true] {
            let run = CoreRun(addresses: 2)
            _ = run.submitProbe(0, time: .milliseconds(10))
            if isClosing { run.note(.close) } else { run.advance(to: 1010) }
            #expect(
                run.handle(.failed(.first, .refused))
                    == [.close(.first), .resolve, .finish(0, .failed(wasSent: false))]
            )
        }
    }

    @Test("Kept connections that had ended already do not count as tries, however many")
    func staleDoesNotCount() {
        let run = CoreRun(connections: 6)
        for id in 0..<6 { _ = run.submit(id) }
        let ids = (0..<6).map { ConnectionID(slot: $0, generation: 1) }
        for id in ids { _ = run.replied(id) }
        #expect(run.submit(6, isWrite: true) == [.send(6, ids[5])])
        for index in [5, 4, 3] {
            #expect(
                run.handle(.failed(ids[index], .stale))
                    == [.close(ids[index]), .send(6, ids[index - 1])]
            )
        }
        for index in [2, 1] {
            #expect(
                run.handle(.failed(ids[index], .lost))
                    == [.close(ids[index]), .send(6, ids[index - 1])]
            )
        }
        #expect(
            run.handle(.failed(ids[0], .lost))
                == [.close(ids[0]), .finish(6, .failed(wasSent: false))],
            "a third is not tried"
        )
    }

    @Test("What is said of a connection that has gone does not concern the next one in its slot")
    func lateEvents() {
        let run = CoreRun(connections: 1)
        _ = run.submit(0)
        _ = run.handle(.failed(.first, .stale))
        for event: ForwardingEvent in [
            .connected(.first), .replied(.first, isReusable: true, keepsFor: nil),
            .failed(.first, .lost), .failed(.init(slot: 7, generation: 1), .lost),
        ] {
            #expect(run.handle(event) == [])
        }
        run.bytesHaveLeft(.first)
        #expect(
            run.handle(.failed(.first.next, .refused))
                == [.close(.first.next), .resolve, .finish(0, .failed(wasSent: false))]
        )
    }
}
