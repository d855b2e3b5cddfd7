import EventHTTP
import EventLoops
import Wire

/// The one form of all error bodies: the contract's `{"msg":"error","error":"…"}`.
enum ErrorBody {
    private static let opening: StaticString = "{\"msg\":\"error\",\"error\":\""
    private static let end: StaticString = "\"}"

    /// - Parameter message: ASCII without quotes, backslashes and control characters.
    static func text(_ message: String) -> String { "\(opening)\(message)\(end)" }

    /// Writes the body to the end of `buffer`.
    ///
    /// - Parameter message: As of ``text(_:)``.
    /// - Returns: False where there is no memory for it.
    static func append(_ message: String, to buffer: EventBuffer) -> Bool {
        buffer.append(opening) && buffer.append(message) && buffer.append(end)
    }
}

extension HTTPRequest {
    /// Answers the request with the contract's error body.
    consuming func reply(
        _ status: HTTPStatus,
        error message: String,
        fields: [(StaticString, String)] = [],
        lines: (inout ReplyLines) -> Void = { _ in }
    ) {
        reply(status, fields: fields, lines: lines) { ErrorBody.append(message, to: $0) }
    }

    /// Answers that too much is held for other clients.
    consuming func replyServerIsFull() {
        let refusal = Refusal.serverIsFull
        reply(refusal.status, error: refusal.message)
    }
}
