/// What the guard learns from the head of a request: all that decides how many bytes belong to it.
struct RequestHead: Equatable, Sendable {
    /// How the end of the body is found (RFC 9112 §6).
    enum Framing: Equatable, Sendable {
        case none
        /// By Content-Length, in bytes; greater than 0.
        case length(Int)
        case chunked
    }

    var method = HTTPMethod.other
    var framing = Framing.none
    /// Whether it is of HTTP/1.1, otherwise of HTTP/1.0.
    var isVersion11 = true
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    var expectsContinue = false
    /// Whether the client wants to know how long an idle connection is kept: it sends a `Keep-Alive`
    /// field, as forwarders do (RFC 2068 §19.7.1.1).
    var asksForTimeout = false
    /// Whether the connection ends after the reply (RFC 9112 §9.3).
    var closesConnection = false
    /// Whether the white space in front of some field's value has a tab in it.
    var hasLeadingTabs = false
    /// Where the target stands in the head, for a target in absolute-form; evhttp gets the path only.
    var absoluteTarget: AbsoluteTarget?

    /// A target `http://host/path` (RFC 9112 §3.2.2).
    struct AbsoluteTarget: Equatable, Sendable {
        /// Where it begins, from the first byte of the request line.
        let start: Int
        /// Where its path or query begins, or the space behind it where it has neither.
        let path: Int
    }
}
