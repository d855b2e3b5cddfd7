import Testing

@testable import Basics
@testable import EventHTTP

@Suite("HTTPClientState")
struct HTTPClientStateTests {
    typealias Event = HTTPClientState.Event
    typealias Action = HTTPClientState.Action

    /// The actions that a row of events leads to, and the state after them.
    static func run(_ events: [Event]) -> (actions: [Action], state: HTTPClientState) {
        var state = HTTPClientState()
        let actions = events.map { state.handle($0) }
        return (actions, state)
    }

    static let firstReply: [Event] = [
        .assign, .connected, .requestSent, .replied(isReusable: true),
    ]

    @Test("A connection is made, used, kept, used again, and closed by the peer's last reply")
    func life() {
        let result = Self.run(
            Self.firstReply + [.assign, .requestSent, .replied(isReusable: false)]
        )
        #expect(
            result.actions == [
                .connect, .none, .none, .deliver(isReusable: true),
                .send, .none, .deliver(isReusable: false),
            ]
        )
        #expect(result.state.phase == .closed)
    }

    @Test(
        "A failure is told once, in each phase",
        arguments: [
            [], [.assign], [.assign, .connected], [.assign, .connected, .requestSent],
            firstReply, firstReply + [.assign], firstReply + [.assign, .requestSent],
        ] as [[Event]]
    )
    func failures(events: [Event]) {
        let result = Self.run(events + [.failed(.refused), .failed(.lost)])
        #expect(result.actions.suffix(2) == [.fail(.refused), .none])
        #expect(result.state.phase == .closed)
    }

    @Test("Bytes on an idle connection answer nothing: it is lost")
    func disturbed() {
        let result = Self.run(Self.firstReply + [.disturbed])
        #expect(result.actions.last == .fail(.lost))
        #expect(result.state.phase == .closed)
    }

    @Test("A reply to half a request is none")
    func earlyReply() {
        let result = Self.run([.assign, .connected, .replied(isReusable: true)])
        #expect(result.actions.last == Action.none)
        #expect(result.state.phase == .sending)
    }

    @Test("Nothing happens to a closed connection, and closing tells nobody")
    func closed() {
        let events: [Event] = [
            .assign, .connected, .requestSent, .replied(isReusable: true), .failed(.lost),
            .disturbed, .close,
        ]
        let result = Self.run([.close] + events)
        #expect(result.actions == [.none] + events.map { _ in Action.none })
    }
}
