import EventHTTP

/// A reply, copied from the loop's side.
struct ClientReply: Sendable {
    let status: Int
    let body: [UInt8]
    /// Of a failed write: whether it may have been done (`KVS-Outcome`).
    let mayHaveActed: Bool

    init(_ reply: HTTPClientReply) {
        status = reply.head.status
        body = reply.body.withContiguousBytes { Array($0) } ?? []
        mayHaveActed = !reply.hasField("kvs-outcome", "not-sent")
    }

    /// Both of the contract's 404s have this form, and the text tells them apart.
    var isAbsence: Bool { message == "key does not exist" }

    /// Whether it has the form of an error of the API.
    var isOfKVS: Bool { body.starts(with: #"{"msg":"error","error":""#.utf8) }

    /// The text of an error: `{"msg":"error","error":"…"}`, in which nothing is escaped.
    var message: String {
        let text = String(decoding: body, as: UTF8.self)
        let opening = #""error":""#
        guard let start = text.firstRange(of: opening)?.upperBound, text.hasSuffix("\"}") else {
            return text
        }
        return String(text[start...].dropLast(2))
    }

    func error(isWrite: Bool) -> KVSClientError {
        if status == 404, message == "service is not available" {
            return .unavailable(mayHaveActed: isWrite && mayHaveActed)
        }
        return .refused(status: status, message: message)
    }
}
