package import Basics
package import Wire

/// What became of one request: answered, refused by the guard, or lost with its client.
package struct RequestRecord: Sendable {
    /// nil where the request line did not come so far.
    package let method: HTTPMethod?
    /// What the handler has called the request by, see ``HTTPRequest/label``; 0 where none got it.
    package let label: UInt8
    /// When its first byte was read.
    package let start: MonotonicTime
    /// When a handler got it; nil where none did, or the observer does not ask for that.
    package let handedOver: MonotonicTime?
    /// When the reply was about to be sent, or the connection had gone.
    package let end: MonotonicTime
    /// Of the reply, whole or not when the client went away; nil where there was none.
    package let status: Int?
    /// Why the guard has answered in a handler's place.
    package let refusal: Refusal?
    /// The length of the content that a handler got with the request, without the framing of chunks.
    package let contentBytes: Int
    /// The length of the reply's body, which a reply to HEAD only announces.
    package let bodyBytes: Int
}

/// What an observer may ask of a request, while it is told of it.
package protocol RequestDetails: AnyObject {
    /// Path and query as they came; nil where a head did not come whole, or was refused.
    var targetIfKnown: UnsafeRawBufferPointer? { get }
    /// The client's address, numeric; empty where the connection has gone.
    var peerHost: UnsafeRawBufferPointer { get }
    /// What `X-Request-Id` says in the reply. Valid until the next request's is asked for.
    var requestID: UnsafeRawBufferPointer { get }
}

/// Whoever wants to know of each connection and each request, exactly once. Of one loop, on its thread.
package protocol RequestObserver: AnyObject, Sendable {
    /// Whether ``RequestRecord/handedOver`` is asked for, which takes a look at the clock.
    var wantsTimeOfHandOver: Bool { get }
    func connectionHasBegun()
    func connectionHasEnded()
    /// A reply is about to be sent, or its connection has gone.
    func requestHasEnded(_ record: RequestRecord, _ details: any RequestDetails)
}
