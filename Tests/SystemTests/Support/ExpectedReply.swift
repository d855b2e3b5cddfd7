import Testing

/// A reply of the service, to the byte.
struct ExpectedReply: Sendable {
    let status: Int
    let body: String

    /// 201: the key is new.
    static let created = ExpectedReply(status: 201, body: #"{"replaced":0,"msg":"success"}"#)
    /// 200: the key had a value already.
    static let replaced = ExpectedReply(status: 200, body: #"{"replaced":1,"msg":"success"}"#)
    /// 200 to a DELETE.
    static let deleted = ExpectedReply(status: 200, body: #"{"msg":"success"}"#)
    /// 404 of the main.
    static let missing = ExpectedReply(
        status: 404,
        body: #"{"msg":"error","error":"key does not exist"}"#
    )
    /// 404 of a forwarder.
    static let unavailable = ExpectedReply(
        status: 404,
        body: #"{"msg":"error","error":"service is not available"}"#
    )

    /// 200 to a GET.
    ///
    /// - Parameter value: Text that needs no escape in JSON.
    static func value(_ value: String) -> ExpectedReply {
        ExpectedReply(status: 200, body: #"{"msg":"success","value":"\#(value)"}"#)
    }
}

extension WireResponse {
    /// Records an issue unless this is that reply: status, JSON type, length and body.
    func expect(_ reply: ExpectedReply, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(status == reply.status, sourceLocation: sourceLocation)
        #expect(text == reply.body, sourceLocation: sourceLocation)
        expectJSON(sourceLocation: sourceLocation)
    }

    /// Records an issue unless this is an error in JSON: that status, `msg` and `error` and no more,
    /// and `words` somewhere in the error's text, which is none of the contract's two.
    func expectError(
        _ status: Int,
        mentioning words: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, "\(text)", sourceLocation: sourceLocation)
        expectJSON(sourceLocation: sourceLocation)
        guard let reply = try? json(), let error = reply.error else {
            Issue.record("not an error reply: \(text)", sourceLocation: sourceLocation)
            return
        }
        #expect(
            reply == ReplyBody(msg: "error", error: error) && text.hasPrefix(#"{"msg":"error","#),
            sourceLocation: sourceLocation
        )
        #expect(
            words.isEmpty ? !error.isEmpty : error.contains(words),
            sourceLocation: sourceLocation
        )
        #expect(
            error != "key does not exist" && error != "service is not available",
            sourceLocation: sourceLocation
        )
    }

    /// Records an issue unless this is 200 with exactly these bytes as its body.
    func expect(octets expected: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(status == 200, sourceLocation: sourceLocation)
        #expect(
            self[header: "Content-Type"] == "application/octet-stream",
            sourceLocation: sourceLocation
        )
        Self.expectSame(body, expected, sourceLocation)
    }

    /// Records an issue unless this is 200 with these bytes as the value in its JSON.
    func expect(value expected: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(status == 200, sourceLocation: sourceLocation)
        expectJSON(sourceLocation: sourceLocation)
        Self.expectSame((try? json())?.valueBytes ?? [], expected, sourceLocation)
    }

    /// Says where bytes differ. `#expect(bytes == expected)` would work out a whole list of
    /// differences, which takes minutes for a value of 1.5 MiB.
    private static func expectSame(
        _ bytes: [UInt8],
        _ expected: [UInt8],
        _ sourceLocation: SourceLocation
    ) {
        guard bytes != expected else { return }
        let offset = Array(zip(bytes, expected).prefix { $0 == $1 }).count
        Issue.record(
            "\(bytes.count) bytes, not \(expected.count); they differ from offset \(offset) on",
            sourceLocation: sourceLocation
        )
    }

    private func expectJSON(sourceLocation: SourceLocation) {
        #expect(self[header: "Content-Type"] == "application/json", sourceLocation: sourceLocation)
        #expect(self[header: "Content-Length"] == "\(body.count)", sourceLocation: sourceLocation)
    }
}
