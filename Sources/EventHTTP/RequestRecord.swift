import Basics
import Wire

/// What became of one request: answered, refused by the guard, or lost with its client.
package struct RequestRecord: Sendable {
    /// nil where the request line did not come so far.
    let method: HTTPMethod?
    /// When its first byte was read.
    let start: MonotonicTime
    /// Of the reply, whole or not when the client went away; nil where there was none.
    let status: Int?
    /// The length of the reply's body, which a reply to HEAD only announces.
    let bodyBytes: Int
}

/// Whoever wants to know of each request, exactly once.
package protocol RequestObserver: AnyObject, Sendable {
    /// Runs on the thread of the request's loop, once its reply is about to be sent, or its connection has
    /// gone.
    func requestHasEnded(_ record: RequestRecord)
}
