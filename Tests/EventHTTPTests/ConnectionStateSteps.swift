import Testing

@testable import EventHTTP
@testable import Wire

/// What counts for a decision, as a test wants it.
struct TestFacts: ConnectionFacts, Equatable, Sendable {
    var mayRead = false
    var isFull = false
    var peerHasFinished = false
    var hasInput = false
    var hasBegun = false
    var hasBacklog = false
    var isLargeBody = false
    var hasReplies = false
    var replyBytes = 0
    var evhttpHasGone = false
}

/// The table of ``ConnectionStateStepTests``.
enum ConnectionStateSteps {
    /// In a phase, with these facts, this is to be done next.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let phase: ConnectionState.Phase
        let facts: TestFacts
        let step: ConnectionState.Step
        /// Of the state, what is not as it is at the beginning of a turn.
        let change: @Sendable (inout ConnectionState) -> Void

        init(
            _ name: String,
            _ phase: ConnectionState.Phase,
            _ facts: TestFacts,
            _ step: ConnectionState.Step,
            where change: @escaping @Sendable (inout ConnectionState) -> Void = { _ in }
        ) {
            testDescription = name
            self.phase = phase
            self.facts = facts
            self.step = step
            self.change = change
        }

        init(
            _ name: String,
            _ phase: ConnectionState.Phase,
            _ step: ConnectionState.Step,
            where change: @escaping @Sendable (inout ConnectionState) -> Void = { _ in }
        ) {
            self.init(name, phase, TestFacts(), step, where: change)
        }
    }

    private static let lateInTurn: @Sendable (inout ConnectionState) -> Void = {
        $0.unitsLeft = 0
        $0.flushesFirst = false
    }
    private static let inTurn: @Sendable (inout ConnectionState) -> Void = {
        $0.unitsLeft = 5
        $0.flushesFirst = false
    }
    private static let afterStart: @Sendable (inout ConnectionState) -> Void = {
        $0.flushesFirst = false
    }

    static var all: [Row] { reading + answering + ending }

    static let reading: [Row] = [
        Row("nothing there", .reading, TestFacts(), .wait),
        Row("something to read", .reading, TestFacts(mayRead: true), .read),
        Row(
            "what was read comes first",
            .reading,
            TestFacts(mayRead: true, hasBacklog: true),
            .takeBacklog
        ),
        Row(
            "a client that takes no replies",
            .reading,
            TestFacts(mayRead: true, isFull: true, hasBacklog: true, hasReplies: true),
            .wait
        ),
        Row(
            "a turn begins with what waits",
            .reading,
            TestFacts(mayRead: true, hasReplies: true, replyBytes: 1),
            .flush
        ),
        Row(
            "later few replies wait for more",
            .reading,
            TestFacts(mayRead: true, hasReplies: true, replyBytes: 65_535),
            .read,
            where: afterStart
        ),
        Row(
            "many replies go",
            .reading,
            TestFacts(hasBacklog: true, hasReplies: true, replyBytes: 65_536),
            .flush,
            where: afterStart
        ),
        Row(
            "nothing to read, replies go",
            .reading,
            TestFacts(hasReplies: true),
            .flush,
            where: afterStart
        ),
        Row(
            "a large body by itself",
            .reading,
            TestFacts(mayRead: true, hasBegun: true, isLargeBody: true),
            .readBody
        ),
        Row(
            "a large body after other work",
            .reading,
            TestFacts(mayRead: true, hasBegun: true, isLargeBody: true),
            .standInLine,
            where: inTurn
        ),
        Row(
            "a large body after other work, with replies",
            .reading,
            TestFacts(mayRead: true, hasBegun: true, isLargeBody: true, hasReplies: true),
            .flush,
            where: inTurn
        ),
        Row(
            "what was read of a large body",
            .reading,
            TestFacts(hasBegun: true, hasBacklog: true, isLargeBody: true),
            .takeBacklog,
            where: inTurn
        ),
        Row(
            "a turn is over: the socket",
            .reading,
            TestFacts(mayRead: true),
            .standInLine,
            where: lateInTurn
        ),
        Row(
            "a turn is over: what was read",
            .reading,
            TestFacts(hasBacklog: true),
            .standInLine,
            where: lateInTurn
        ),
        Row(
            "a turn is over: replies go",
            .reading,
            TestFacts(mayRead: true, hasReplies: true),
            .flush,
            where: lateInTurn
        ),
        Row("a last look", .reading, .lookAgain, where: { $0.lastLook = .due }),
        Row(
            "a last look has found something",
            .reading,
            TestFacts(mayRead: true),
            .read,
            where: { $0.lastLook = .taken }
        ),
        Row("a last look has found nothing", .reading, .close, where: { $0.lastLook = .taken }),
        Row(
            "a last look has found the beginning of a request",
            .reading,
            TestFacts(hasBegun: true),
            .wait,
            where: { $0.lastLook = .taken }
        ),
    ]

    static let answering: [Row] = [
        Row("a whole request", .complete, TestFacts(mayRead: true), .handOver),
        Row("a handler has it", .awaitingReply, TestFacts(mayRead: true, hasBacklog: true), .wait),
        Row(
            "a ready reply does not wait for another",
            .awaitingReply,
            TestFacts(hasReplies: true),
            .flush
        ),
        Row(
            "a ready reply that the socket does not take",
            .awaitingReply,
            TestFacts(isFull: true, hasReplies: true),
            .wait
        ),
        Row("a reply", .replied, .send(directly: true)),
        Row("a reply behind others", .replied, TestFacts(hasReplies: true), .send(directly: false)),
        Row(
            "a reply in front of others",
            .replied,
            TestFacts(hasBacklog: true),
            .send(directly: false)
        ),
        Row(
            "a last reply in front of requests",
            .replied,
            TestFacts(hasBacklog: true),
            .send(directly: true),
            where: { $0.replyIsLast = true }
        ),
        Row(
            "a last reply behind others",
            .replied,
            TestFacts(hasReplies: true),
            .send(directly: false),
            where: { $0.replyIsLast = true }
        ),
        Row("the guard", .refusing, .refuse),
    ]

    static let ending: [Row] = [
        Row("the last reply waits", .finishing, TestFacts(hasReplies: true), .flush),
        Row(
            "the last reply waits for the client",
            .finishing,
            TestFacts(isFull: true, hasReplies: true),
            .wait
        ),
        Row(
            "no patience",
            .finishing,
            TestFacts(isFull: true, hasReplies: true),
            .close,
            where: { $0.isInHaste = true }
        ),
        Row(
            "no patience, and something to be sent",
            .finishing,
            TestFacts(hasReplies: true),
            .flush,
            where: { $0.isInHaste = true }
        ),
        Row("all has gone", .finishing, .endStream),
        Row(
            "a body is still to come",
            .finishing,
            TestFacts(mayRead: true),
            .linger,
            where: { $0.bytesToDrain = 1 }
        ),
        Row(
            "both halves have ended",
            .finishing,
            TestFacts(peerHasFinished: true, evhttpHasGone: true),
            .close
        ),
        Row("nothing more is known", .finishing, TestFacts(evhttpHasGone: true), .close),
        Row(
            "something may be there",
            .finishing,
            TestFacts(mayRead: true, evhttpHasGone: true),
            .linger
        ),
        Row(
            "something has come that nobody has told of",
            .finishing,
            TestFacts(hasInput: true, evhttpHasGone: true),
            .linger
        ),
        Row(
            "something is there in front of the client's end",
            .finishing,
            TestFacts(mayRead: true, peerHasFinished: true, evhttpHasGone: true),
            .linger
        ),
        Row(
            "requests that nobody answers",
            .finishing,
            TestFacts(hasBacklog: true, evhttpHasGone: true),
            .linger
        ),
        Row(
            "requests that nobody answers, and the end",
            .finishing,
            TestFacts(peerHasFinished: true, hasBacklog: true, evhttpHasGone: true),
            .close
        ),
        Row(
            "a refused client may send more",
            .finishing,
            TestFacts(evhttpHasGone: true),
            .linger,
            where: { $0.lingers = true }
        ),
        Row("lingering", .lingering, TestFacts(mayRead: true), .discard),
        Row(
            "lingering, in others' time",
            .lingering,
            TestFacts(mayRead: true),
            .standInLine,
            where: lateInTurn
        ),
        Row("lingering, and nothing there", .lingering, .wait, where: { $0.isDrained = true }),
        Row("over", .over, TestFacts(mayRead: true, hasReplies: true), .close),
        Row("closed", .closed, TestFacts(mayRead: true, hasReplies: true), .wait),
    ]
}
