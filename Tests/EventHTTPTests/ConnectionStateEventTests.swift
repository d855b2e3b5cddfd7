import Testing

@testable import EventHTTP
@testable import Wire

@Suite("State of a connection: what happens")
struct ConnectionStateEventTests {
    typealias Phase = ConnectionState.Phase

    /// In a phase, with these facts, an event leads to another phase.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let event: ConnectionState.Event
        let from: Phase
        let to: Phase
        let facts: TestFacts

        init(
            _ name: String,
            _ event: ConnectionState.Event,
            _ from: Phase,
            _ to: Phase,
            _ facts: TestFacts = TestFacts()
        ) {
            testDescription = name
            self.event = event
            self.from = from
            self.to = to
            self.facts = facts
        }
    }

    static let requests: [Row] = [
        Row("bytes", .read(.bytes(7)), .reading, .reading),
        Row("no bytes", .read(.nothing), .reading, .reading),
        Row("no memory to read to", .read(.noMemory), .reading, .refusing),
        Row("the end", .read(.end), .reading, .over),
        Row(
            "the end, with replies to hear",
            .read(.end),
            .reading,
            .finishing,
            TestFacts(hasReplies: true)
        ),
        Row("an error", .read(.failed(104)), .reading, .over, TestFacts(hasReplies: true)),
        Row("a whole request", .requestIsComplete, .reading, .complete),
        Row("handed over", .handedOver, .complete, .awaitingReply),
        Row("a bad request", .refused(.malformedField, dropping: 3), .reading, .refusing),
        Row(
            "no room for a whole request",
            .refused(.serverIsFull, dropping: 0),
            .complete,
            .refusing
        ),
    ]

    static let replies: [Row] = [
        Row("a reply", .replied, .awaitingReply, .replied),
        Row("sent", .sent, .replied, .reading),
        Row("evhttp has ended", .peerHasGone, .replied, .finishing),
        Row("evhttp has taken no request", .peerHasGone, .awaitingReply, .finishing),
        Row(
            "no memory for a reply that changes nothing",
            .replyFailed(mayHaveActed: false),
            .awaitingReply,
            .refusing
        ),
        Row(
            "no memory for a reply to a write",
            .replyFailed(mayHaveActed: true),
            .awaitingReply,
            .over
        ),
        Row("the client is gone", .sendingFailed, .reading, .over),
        Row("the client is gone, with a request under way", .sendingFailed, .awaitingReply, .over),
        Row("the refusal is ready", .refusalIsReady(rest: 0), .refusing, .finishing),
        Row("the handler is late", .handlerExpired, .awaitingReply, .awaitingReply),
    ]

    static let ends: [Row] = [
        Row("dropped bytes", .discarded(.bytes(9)), .lingering, .lingering),
        Row("nothing to drop", .discarded(.nothing), .lingering, .lingering),
        Row("the client's end", .discarded(.end), .lingering, .over),
        Row("an error while lingering", .discarded(.failed(104)), .lingering, .over),
        Row(
            "too much to drop",
            .discarded(.bytes(ConnectionState.lingeredBytes + 1)),
            .lingering,
            .over
        ),
        Row("the wait for a request ends", .expired, .reading, .reading),
        Row("a request did not come", .expired, .reading, .refusing, TestFacts(hasBegun: true)),
        Row(
            "a request did not come, with replies before it",
            .expired,
            .reading,
            .over,
            TestFacts(hasBegun: true, hasReplies: true)
        ),
        Row("replies are not taken", .expired, .reading, .over, TestFacts(hasReplies: true)),
        Row(
            "the last reply is not taken",
            .expired,
            .finishing,
            .over,
            TestFacts(hasReplies: true)
        ),
        Row("the client does not close", .expired, .lingering, .over),
        Row(
            "no room for a request that comes in",
            .noRoom,
            .reading,
            .refusing,
            TestFacts(hasBegun: true)
        ),
        Row(
            "no room for replies",
            .noRoom,
            .reading,
            .over,
            TestFacts(hasBegun: true, hasReplies: true)
        ),
        Row(
            "no room behind a request",
            .noRoom,
            .awaitingReply,
            .over,
            TestFacts(hasBacklog: true)
        ),
        Row("dropped", .drop, .awaitingReply, .over),
        Row("closed", .closed, .over, .closed),
        Row("closed is the end", .drop, .closed, .closed),
    ]

    @Test("The next phase", arguments: requests + replies + ends)
    func handle(row: Row) {
        var state = ConnectionState()
        state.phase = row.from
        state.handle(row.event, row.facts)
        #expect(state.phase == row.to)
    }

    @Test("A reply says what comes behind it")
    func lastReply() {
        var state = ConnectionState()
        state.phase = .replied
        state.replyIsLast = true
        state.handle(.sent, TestFacts())
        #expect(state.phase == .finishing)
    }

    @Test("A refusal is kept, with what was read of its request")
    func refusal() {
        var state = ConnectionState()
        state.handle(.refused(.bodyTooLarge, dropping: 12), TestFacts())
        #expect(state.refusal == .bodyTooLarge && state.bytesDropped == 12)
        state.handle(.refusalIsReady(rest: 500), TestFacts())
        #expect(state.lingers && !state.isInHaste && state.bytesToDrain == 500)
        state.handle(.discarded(.bytes(499)), TestFacts())
        #expect(!state.hasDrainedBody)
        state.handle(.discarded(.bytes(1)), TestFacts())
        #expect(state.hasDrainedBody)
    }

    @Test("Who was too slow is not waited for again")
    func haste() {
        var state = ConnectionState()
        state.handle(.expired, TestFacts(hasBegun: true))
        #expect(state.refusal == .requestTimedOut)
        state.handle(.refusalIsReady(rest: 0), TestFacts())
        #expect(state.isInHaste && !state.lingers)
    }

    @Test("The wait for a request ends with a last look")
    func lastLook() {
        var state = ConnectionState()
        state.handle(.expired, TestFacts())
        #expect(state.lastLook == .due)
        state.handle(.requestIsComplete, TestFacts())
        #expect(state.lastLook == .none, "what it has found is a request like any other")
    }

    @Test("A piece of what is dropped is a turn, and the next one comes unless nothing is there")
    func discarding() {
        var state = ConnectionState()
        state.phase = .lingering
        _ = state.beginTurn()
        state.handle(.discarded(.bytes(5)), TestFacts())
        #expect(state.unitsLeft == 0 && !state.isDrained && state.bytesDrained == 5)
        state.handle(.discarded(.nothing), TestFacts(mayRead: true))
        #expect(!state.isDrained)
        state.handle(.discarded(.nothing), TestFacts())
        #expect(state.isDrained)
    }

    @Test("The wait for a request begins once, when nothing is read and all has gone")
    func waiting() {
        var state = ConnectionState()
        state.waitsForRequest = false
        #expect([state.beginsToWait(TestFacts(hasBegun: true))] == [false])
        #expect([state.beginsToWait(TestFacts(hasBacklog: true))] == [false])
        #expect([state.beginsToWait(TestFacts(hasReplies: true))] == [false])
        state.phase = .awaitingReply
        #expect([state.beginsToWait(TestFacts())] == [false])
        state.phase = .reading
        #expect([state.beginsToWait(TestFacts())] == [true])
        #expect([state.beginsToWait(TestFacts())] == [false])
    }

    @Test(
        "Which reply is the last one",
        arguments: [
            (false, false, false, TestFacts(), false),
            (true, false, false, TestFacts(hasBacklog: true), true),
            (false, true, false, TestFacts(), true),
            (false, true, false, TestFacts(mayRead: true), true),
            (false, true, false, TestFacts(hasBacklog: true), false),
            (false, false, true, TestFacts(hasBacklog: true), true),
        ]
    )
    func persistence(closes: Bool, stops: Bool, isLate: Bool, facts: TestFacts, isLast: Bool) {
        var state = ConnectionState()
        state.replyIsLast = !isLast
        if isLate { state.handle(.handlerExpired, facts) }
        state.decideWhetherLast(requestCloses: closes, serverStops: stops, facts)
        #expect(state.replyIsLast == isLast)
    }

    @Test(
        "What may take long waits for others, and what has ended holds nothing",
        arguments: [
            (Phase.reading, TestFacts(), false, true),
            (.reading, TestFacts(isLargeBody: true), true, true),
            (.awaitingReply, TestFacts(isLargeBody: true), false, true),
            (.finishing, TestFacts(), false, true),
            (.lingering, TestFacts(), true, false),
            (.closed, TestFacts(), false, false),
        ]
    )
    func kinds(phase: Phase, facts: TestFacts, takesMuch: Bool, holds: Bool) {
        var state = ConnectionState()
        state.phase = phase
        #expect(state.takesMuch(facts) == takesMuch)
        #expect(state.holds == holds)
    }
}
