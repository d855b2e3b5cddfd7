import Basics
import EventLoops
import Wire

/// What drives a connection's socket and evhttp, and knows its server. For use on the loop's thread only.
///
/// In the program that is ``HTTPConnection``; in simulated time there is another one.
protocol ConnectionWorld: AnyObject {
    associatedtype Stream: ByteStream
    associatedtype Peer: ReplyPeer

    var stream: Stream { get }
    var peer: Peer { get }
    var limits: HTTPLimits { get }
    /// Where sockets are read into. Its content is good only until somebody else's code runs.
    var readBuffer: UnsafeMutableRawBufferPointer { get }
    var budget: BufferBudget { get }
    var observer: (any RequestObserver)? { get }
    var requestIDs: RequestIDs { get }
    var ownAnswers: any OwnAnswers { get }
    var now: MonotonicTime { get }
    /// Whether the server stops: idle connections go soon, others after their last reply.
    var isDraining: Bool { get }
    /// Whether what the program lives on beside its data is nearly used up.
    var isShortOfMemory: Bool { get }

    /// The tick so many ticks from now.
    func deadline(after ticks: Int) -> Int
    /// The time that is left until a deadline, in whole ticks.
    func time(until deadline: Int) -> TimeSpan
    /// Whether there is memory for one request more.
    func hasMemoryForRequest() -> Bool
    /// The next turn comes when others had theirs.
    func standInLine()
    /// A request is complete. Its handler answers at once or later.
    func handle(request number: UInt64)
    /// Says what is wrong.
    func report(_ fault: ConnectionFault)
    /// The connection has ended.
    func remove()
}

/// What must not happen, and what the operator hears of.
enum ConnectionFault: Equatable, Sendable {
    /// A handler did not keep its deadline.
    case overdue
    /// A handler has let go of a request without answering.
    case droppedRequest
    /// evhttp had no memory for a request of its own.
    case requestNotTaken
}

/// A connected stream of bytes, see ``Transport``.
protocol ByteStream: AnyObject {
    var mayRead: Bool { get }
    var isFull: Bool { get }
    var peerHasFinished: Bool { get }

    func lookAgain()
    func hasInput() -> Bool
    func wakeUp(atBytes count: Int)
    func read(into room: UnsafeMutableRawBufferPointer) -> Transport.Read
    func read(into buffer: EventBuffer, room: Int, atMost count: Int) -> Transport.Read
    func discard(atMost count: Int) -> Transport.Read
    /// - Returns: The number of the error after which nothing can be written any more; 0 where there is none.
    func write(_ buffer: EventBuffer) -> Int32
    func write(_ text: inout String) -> Bool
    func close()
}

/// Who makes replies of what handlers say, see ``EvhttpPeer``.
protocol ReplyPeer: AnyObject {
    /// Whether it has ended its side, and nothing can be answered any more.
    var hasGone: Bool { get }
    /// Whether it holds a request that is not answered.
    var holdsRequest: Bool { get }
    /// The body of the reply to that request.
    var replyBody: EventBuffer { get }
    /// Replies, printed, that are to be sent.
    var output: EventBuffer { get }
    /// The client's address, numeric; valid as long as the connection.
    var address: UnsafeRawBufferPointer { get }

    /// Takes a request.
    ///
    /// - Returns: False where there is no memory for it.
    func takeRequest() -> Bool
    /// Says what the reply's fields are. False where there is no memory for them.
    ///
    /// - Parameters:
    ///   - id: What `X-Request-Id` says.
    ///   - length: nil where nobody knows it: of a reply without a body to a HEAD.
    ///   - lines: See ``HTTPRequest/reply(_:_:fields:lines:headLength:body:)``.
    func prepare(
        _ type: ContentType,
        _ persistence: Persistence,
        id: UnsafeRawBufferPointer,
        length: Int?,
        fields: [(StaticString, String)],
        lines: (inout ReplyLines) -> Void
    ) -> Bool
    func prepare(
        relaying reply: HTTPClientReply,
        _ persistence: Persistence,
        id: UnsafeRawBufferPointer,
        length: Int?
    ) -> Bool
    /// Prints the reply.
    ///
    /// - Parameter idleSeconds: For a `Keep-Alive` field.
    /// - Returns: False where there is no memory for it: nothing is printed then.
    func reply(
        _ code: Int,
        _ reason: UnsafePointer<CChar>,
        version11: Bool,
        isLast: Bool,
        idleSeconds: Int?
    ) -> Bool
    /// Makes room for a reply's head, so that it cannot fail once something was done.
    func reserveHead() -> Bool
    /// The reply has been written, or stands among those that are: the next request may come.
    func replyHasLeft()
    /// Forgets what is half done.
    func clear()
    /// The time, as in a `Date` field.
    func dateText() -> String
    /// Ends its side, and our half of the stream. Calling it again does nothing.
    func end()
}
