import EventHTTP
import Wire

/// A reply, copied from the loop's side.
struct ClientReply: Sendable {
    let status: Int
    let body: [UInt8]
    /// Of a failed write: whether it may have been done (`KVS-Outcome`).
    private(set) var mayHaveActed = true
    /// The tag of the value that it is about (`ETag`).
    private(set) var tag: ValueTag?
    /// How long the value stays (`KVS-TTL`), in seconds.
    private(set) var secondsToLive: UInt32?

    init(_ reply: HTTPClientReply) {
        status = reply.head.status
        body = reply.body.withContiguousBytes { Array($0) } ?? []
        reply.forEachField { name, value in
            if name.equalsIgnoringCase("etag") {
                tag = ValueTag(value)
            } else if name.equalsIgnoringCase("kvs-ttl") {
                secondsToLive = value.decimalNumber.flatMap { UInt32(exactly: $0) }
            } else if name.equalsIgnoringCase("kvs-outcome") {
                mayHaveActed = !value.equals("not-sent")
            }
        }
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

    /// The page that the body is; nil where it is none.
    var page: KeyPage? {
        body.withUnsafeBytes { bytes in
            var reader = JSONFieldReader(bytes)
            var keys: [String]?
            var cursor: String?
            do throws(JSONFieldReader.Malformed) {
                while let name = try reader.nextName() {
                    switch name.text {
                    case "keys":
                        var found: [String] = []
                        try reader.strings { found.append($0.text) }
                        keys = found
                    case "cursor": cursor = try reader.string().text
                    default: _ = try reader.string()
                    }
                }
            } catch {
                return nil
            }
            return keys.map { KeyPage(keys: $0, cursor: cursor) }
        }
    }
}

extension EncodedValue {
    fileprivate var text: String { String(decoding: decoded(), as: UTF8.self) }
}
