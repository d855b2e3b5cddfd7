import EventLoops
import Wire

/// The one form of all error bodies: the contract's `{"msg":"error","error":"…"}`.
enum ErrorBody {
    /// Writes the body to the end of `buffer`.
    ///
    /// - Parameter message: ASCII without quotes, backslashes and control characters.
    /// - Returns: False where there is no memory for it.
    static func append(_ message: String, to buffer: EventBuffer) -> Bool {
        buffer.append("{\"msg\":\"error\",\"error\":\"") && buffer.append(message)
            && buffer.append("\"}")
    }

    /// The body of a refusal.
    static func text(of refusal: Refusal) -> String {
        "{\"msg\":\"error\",\"error\":\"\(refusal.message)\"}"
    }

    /// The whole reply to a request that evhttp never sees: status line, fields and body.
    ///
    /// - Parameters:
    ///   - body: See ``text(of:)``.
    ///   - date: The text of the `Date` field.
    static func refusal(
        _ refusal: Refusal,
        body: String,
        date: String,
        withBody: Bool
    ) -> String {
        "HTTP/1.1 \(refusal.status.code) \(refusal.status.reason)\r\n"
            + "Date: \(date)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(withBody ? body : "")"
    }
}
