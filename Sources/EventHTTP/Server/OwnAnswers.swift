package import Wire

/// What a server answers by itself.
package enum OwnAnswer: Equatable, Sendable {
    /// The guard does not take the request. The connection is closed.
    case refusal(Refusal)
    /// A handler did not keep its deadline.
    case overdue
    /// A handler has let go of a request without answering.
    case droppedRequest
}

/// Whoever has the words for it. Any thread may ask.
package protocol OwnAnswers: Sendable {
    /// The body of the reply, as JSON.
    func body(of answer: OwnAnswer) -> String
}

extension Refusal {
    /// The whole reply to a request that evhttp never sees: status line, fields and body.
    ///
    /// - Parameters:
    ///   - date: The text of the `Date` field.
    ///   - id: What `X-Request-Id` says.
    func reply(body: String, date: String, id: String, withBody: Bool) -> String {
        "HTTP/1.1 \(status.code) \(status.reason)\r\nDate: \(date)"
            + "\(ContentType.json.line)\(ContentType.safeguards)\r\nX-Request-Id: \(id)\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(withBody ? body : "")"
    }
}
