/// What the guard learns from the head of another server's reply.
package struct ReplyHead: Equatable, Sendable {
    /// How the end of the body is found (RFC 9112 §6.3).
    package enum Framing: Equatable, Sendable {
        /// The reply has no body, whatever its fields say.
        case none
        case length(Int)
        case chunked
    }

    /// 200 to 599.
    package var status = 0
    /// The reason phrase in the head.
    package var reason = 0..<0
    /// The field lines in the head, without the empty line behind them.
    package var fields = 0..<0
    /// The value of its `Date` field in the head; empty where it has none.
    package var date = 0..<0
    /// Which lines a gateway leaves out.
    var omitted = OmittedLines()
    package var framing = Framing.none
    /// What Content-Length says: with a reply to HEAD, how long its body would be.
    var announcedLength: Int?
    /// Of a reply without a body, to HEAD or 304: how long it would be, if anybody knows. A 204 says
    /// nothing (RFC 9110 §8.6).
    package var lengthWithoutBody: Int? { status == 204 ? nil : announcedLength }
    /// Whether the connection ends after the reply (RFC 9112 §9.3).
    package var closesConnection = false
    /// How long the server keeps an idle connection, in seconds (`Keep-Alive: timeout=`, RFC 2068
    /// §19.7.1.1); nil where it does not say.
    package var keepsForSeconds: Int?
    /// Whether the content is of a kind that a kvs sends: JSON, or bytes.
    package var isOfKVS = false
}
