import EventHTTP
import Wire

/// A reply, copied from the loop's side.
struct ClientReply: Sendable {
    let status: Int
    let body: [UInt8]
    /// Of a failed write: whether it may have been done (`KVS-Outcome`).
    private(set) var mayHaveActed = true
    /// The tag of the value that it is about (`ETag`), a weak one as well: who passes a reply on may have made
    /// it so (RFC 9110 §8.8.1).
    private(set) var tag: ValueTag?
    /// How long the value stays (`KVS-TTL`), in seconds.
    private(set) var secondsToLive: UInt32?
    /// Whether there is no `KVS-TTL`, or one that says how long.
    private var hasSoundTime = true
    /// Whether the body is bytes, and no JSON.
    private var isOctetStream = false

    init(_ reply: HTTPClientReply) {
        status = reply.head.status
        body = reply.body.withContiguousBytes { Array($0) } ?? []
        reply.forEachField { name, value in
            if name.equalsIgnoringCase("etag") {
                tag = ValueTag(field: value)
            } else if name.equalsIgnoringCase("kvs-ttl") {
                let isRepeated = secondsToLive != nil
                secondsToLive = value.decimalNumber.flatMap { UInt32(exactly: $0) }
                hasSoundTime = hasSoundTime && secondsToLive ?? 0 > 0 && !isRepeated
            } else if name.equalsIgnoringCase("content-type") {
                let end = value.firstIndex(of: UInt8(ascii: ";")) ?? value.count
                let type = value.slice(0..<end).trimmingWhitespace
                isOctetStream = type.equalsIgnoringCase("application/octet-stream")
            } else if name.equalsIgnoringCase("kvs-outcome") {
                mayHaveActed = !value.equals("not-sent")
            }
        }
    }

    /// Both of the contract's 404s have this form, and the text tells them apart.
    var isAbsence: Bool { message == "key does not exist" }

    /// Whether it has the form of an error of the API.
    var isOfKVS: Bool { body.starts(with: #"{"msg":"error","error":""#.utf8) }

    /// Whether a condition did not hold.
    var isConditionFailure: Bool { isOfKVS && message == "precondition failed" }

    /// The value that was asked for; nil where a kvs would not answer so.
    var storedValue: StoredValue? {
        guard isOctetStream, hasSoundTime, body.count <= KVSClient.maximumValueBytes else {
            return nil
        }
        return StoredValue(bytes: body, tag: tag, secondsToLive: secondsToLive)
    }

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

    /// The page that the body is; nil where it is none of a list of the keys that begin with `prefix`.
    func page(ofKeysWith prefix: String) -> KeyPage? {
        body.withUnsafeBytes { bytes in
            var reader = JSONFieldReader(bytes)
            var keys: [String]?
            var cursor: String?
            var isSound = true
            do throws(JSONFieldReader.Malformed) {
                while let name = try reader.nextName() {
                    switch name.text {
                    case "keys":
                        var found: [String] = []
                        try reader.strings { key in
                            isSound = isSound && key.isKey(with: prefix)
                            if isSound { found.append(key.text) }
                        }
                        keys = found
                    case "cursor":
                        let text = try reader.string()
                        isSound = isSound && 1...Self.maximumCursorBytes ~= text.decodedCount
                        if isSound { cursor = text.text }
                    default: _ = try reader.string()
                    }
                }
            } catch {
                return nil
            }
            return isSound ? keys.map { KeyPage(keys: $0, cursor: cursor) } : nil
        }
    }

    /// It becomes part of a request line.
    private static let maximumCursorBytes = 1024
}

extension EncodedValue {
    fileprivate var text: String { String(decoding: decoded(), as: UTF8.self) }

    /// Whether it is a key that begins with `prefix`: whoever lists keys prints and asks for them as they are.
    fileprivate func isKey(with prefix: String) -> Bool {
        guard 1...KVSClient.maximumKeyBytes ~= decodedCount else { return false }
        let bytes = decoded()
        return bytes.starts(with: prefix.utf8) && bytes.allSatisfy { $0.isKeyByte }
    }
}
