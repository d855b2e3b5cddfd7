/// What a client asks of one key, and what it may be told.
enum RegisterRequest {
    /// With `If-None-Match` and the tag of a value, where one is given.
    case get(unless: String? = nil)
    case put(String, if: WriteCondition? = nil, seconds: Int64? = nil)
    case delete(if: WriteCondition? = nil)

    /// Finds the value that a tag is of; nil where nobody has written such a value.
    typealias TagReader = (_ tag: String) -> String?

    func send(_ key: String, by client: HTTPClient) throws -> WireResponse {
        switch self {
        case .get(let value):
            let field = value.map { "If-None-Match: \(entityTag(of: $0))" }
            return try client.get(key, headers: field.map { [$0] } ?? [])
        case .put(let value, let condition, let seconds):
            let type = "Content-Type: application/x-www-form-urlencoded"
            return try client.send(
                "PUT",
                "/kvs/\(key)" + (seconds.map { "?ttl=\($0)" } ?? ""),
                headers: [type] + (condition.map { [$0.field] } ?? []),
                body: Array("val=\(value)".utf8)
            )
        case .delete(let condition):
            return try client.delete(key, headers: condition.map { [$0.field] } ?? [])
        }
    }

    /// What an answer of the main tells; nil where the main cannot have said it.
    func action(
        told reply: WireResponse,
        reading tags: TagReader
    ) -> RegisterOperation.Action? {
        func isReply(_ expected: ExpectedReply) -> Bool {
            reply.status == expected.status && reply.text == expected.body
        }
        let tag = reply[header: "ETag"]
        switch self {
        case .put(let value, let condition, _):
            if reply.status == 412 { return refusal(reply, of: condition, reading: tags) }
            guard tag == entityTag(of: value) else { return nil }
            if isReply(.created) { return done(replaced: false) }
            return isReply(.replaced) ? done(replaced: true) : nil
        case .delete(let condition):
            // Where the key is not there, the answer is 404, whatever the condition.
            if reply.status == 412 {
                return tag == nil ? nil : refusal(reply, of: condition, reading: tags)
            }
            guard tag == nil else { return nil }
            if isReply(.deleted) { return .delete(if: condition, existed: true) }
            return isReply(.missing) ? .delete(if: condition, existed: false) : nil
        case .get(let known):
            if isReply(.missing) { return tag == nil ? .get(nil) : nil }
            return value(told: reply, known: known).flatMap { value in
                tag == entityTag(of: value)
                    ? .get(value, expires: reply[header: "KVS-TTL"] != nil) : nil
            }
        }
    }

    /// A write of which nobody knows whether it happened; nil for a GET, which changes nothing.
    var unknownAction: RegisterOperation.Action? {
        switch self {
        case .get: nil
        case .put: done(replaced: nil)
        case .delete(let condition): .delete(if: condition, existed: nil)
        }
    }

    private func done(replaced: Bool?) -> RegisterOperation.Action? {
        guard case .put(let value, let condition, let seconds) = self else { return nil }
        let ttl = seconds.map { $0 * 1_000_000_000 }
        return .put(value, if: condition, ttl: ttl, replaced: replaced)
    }

    /// The value in a 200 or named by a 304.
    private func value(told reply: WireResponse, known: String?) -> String? {
        if let seconds = reply[header: "KVS-TTL"], Int64(seconds).map({ $0 > 0 }) != true {
            return nil
        }
        if reply.status == 304 { return reply.body.isEmpty ? known : nil }
        guard reply.status == 200,
            let match = reply.text.wholeMatch(of: /\{"msg":"success","value":"(\w+)"\}/)
        else { return nil }
        let value = String(match.1)
        // With that tag it must have been 304.
        return value == known ? nil : value
    }

    private func refusal(
        _ reply: WireResponse,
        of condition: WriteCondition?,
        reading tags: TagReader
    ) -> RegisterOperation.Action? {
        guard let condition, reply.text == #"{"msg":"error","error":"precondition failed"}"#
        else { return nil }
        guard let tag = reply[header: "ETag"] else { return .refused(condition, present: nil) }
        return tags(tag).map { .refused(condition, present: $0) }
    }
}
