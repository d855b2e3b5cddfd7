/// What the guard learns from the head of a request: all that decides how many bytes belong to it.
@usableFromInline
package struct RequestHead: Equatable, Sendable {
    /// How the end of the body is found (RFC 9112 §6).
    enum Framing: Equatable, Sendable {
        case none
        /// By Content-Length, in bytes; greater than 0.
        case length(Int)
        case chunked
    }

    @usableFromInline package var method = HTTPMethod.other
    var framing = Framing.none
    /// Whether it is of HTTP/1.1, otherwise of HTTP/1.0.
    package var isVersion11 = true
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    package var expectsContinue = false
    /// Whether the client wants to know how long an idle connection is kept: it sends a `Keep-Alive`
    /// field, as forwarders do (RFC 2068 §19.7.1.1).
    package var asksForTimeout = false
    /// Whether the connection ends after the reply (RFC 9112 §9.3).
    package var closesConnection = false
    /// Where path and query stand in the head, which begins with the request line. Empty for a target in
    /// absolute-form (RFC 9112 §3.2.2) without a path.
    @usableFromInline package var target = 0..<0
    /// Where the field lines stand in the head, each with its CRLF.
    @usableFromInline package var fields = 0..<0
    @usableFromInline package var known = KnownFields()
    /// Which lines a gateway leaves out.
    @usableFromInline package var omitted = OmittedLines()
}
