import Testing

@testable import KVSServer

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
        .assign, .connected, .bytesSent, .requestSent, .replied(isReusable: true),
    ]

    @Test("A connection is made, used, kept, used again, and closed by the peer's last reply")
    func life() {
        let result = Self.run(
            Self.firstReply + [.assign, .bytesSent, .requestSent, .replied(isReusable: false)]
        )
        #expect(
            result.actions == [
                .connect, .none, .none, .none, .deliverAndKeep,
                .send, .none, .none, .deliverAndClose,
            ]
        )
        #expect(result.state.phase == .closed)
    }

    @Test(
        "How an exchange fails",
        arguments: [
            ([.assign, .failed], .fail(wasSent: false, isRetryable: false, isTimeout: false)),
            ([.assign, .timedOut], .fail(wasSent: false, isRetryable: false, isTimeout: true)),
            (
                [.assign, .connected, .failed],
                .fail(wasSent: false, isRetryable: false, isTimeout: false)
            ),
            (
                [.assign, .connected, .bytesSent, .failed],
                .fail(wasSent: true, isRetryable: false, isTimeout: false)
            ),
            // A reply to half a request answers something else.
            (
                [.assign, .connected, .bytesSent, .replied(isReusable: true)],
                .fail(wasSent: true, isRetryable: false, isTimeout: false)
            ),
            (
                [.assign, .connected, .bytesSent, .requestSent, .timedOut],
                .fail(wasSent: true, isRetryable: false, isTimeout: true)
            ),
            (
                firstReply + [.assign, .failed],
                .fail(wasSent: false, isRetryable: true, isTimeout: false)
            ),
            (
                firstReply + [.assign, .bytesSent, .failed],
                .fail(wasSent: true, isRetryable: true, isTimeout: false)
            ),
            (
                firstReply + [.assign, .timedOut],
                .fail(wasSent: false, isRetryable: false, isTimeout: true)
            ),
            (
                [.assign, .connected, .bytesSent, .close],
                .fail(wasSent: true, isRetryable: false, isTimeout: false)
            ),
        ] as [([Event], Action)]
    )
    func failures(events: [Event], expected: Action) {
        let result = Self.run(events)
        #expect(result.actions.last == expected)
        #expect(result.state.phase == .closed)
    }

    @Test(
        "Whatever disturbs an idle connection closes it",
        arguments: [.disturbed, .failed, .close] as [Event]
    )
    func idle(event: Event) {
        let result = Self.run(Self.firstReply + [event])
        #expect(result.actions.last == .close)
        #expect(result.state.phase == .closed)
    }

    @Test("Bytes sent for one request do not count for the next")
    func countsAnew() {
        let result = Self.run(Self.firstReply + [.assign])
        #expect(!result.state.hasSentBytes)
    }

    @Test("Nothing happens to a closed connection")
    func closed() {
        let events: [Event] = [
            .assign, .connected, .bytesSent, .requestSent, .replied(isReusable: true), .failed,
            .timedOut, .disturbed, .close,
        ]
        let result = Self.run([.close] + events)
        #expect(result.actions == [.close] + events.map { _ in Action.none })
    }
}

extension HTTPClientState.Action {
    fileprivate static func fail(wasSent: Bool, isRetryable: Bool, isTimeout: Bool) -> Self {
        .fail(.init(wasSent: wasSent, isRetryable: isRetryable, isTimeout: isTimeout))
    }
}
