import Testing

@Suite("What a client of the histories takes for an answer")
struct RegisterRequestTests {
    private static let success = #"{"replaced":1,"msg":"success"}"#
    private static let failed = #"{"msg":"error","error":"precondition failed"}"#

    private func action(
        of request: RegisterRequest,
        told status: Int,
        _ body: String,
        tag: String?,
        ttl: String? = nil
    ) throws -> RegisterOperation.Action? {
        let fields =
            (tag.map { "ETag: \($0)\r\n" } ?? "") + (ttl.map { "KVS-TTL: \($0)\r\n" } ?? "")
        var reply = try WireResponse(
            parsingHead: Array("HTTP/1.1 \(status) x\r\n\(fields)Date: x".utf8)
        )
        reply.body = Array(body.utf8)
        return request.action(told: reply) { $0 == entityTag(of: "known") ? "known" : nil }
    }

    @Test("A tag is what xxh128sum says of the value")
    func tags() {
        #expect(entityTag(of: "bart") == "\"0a3e2d18537f93433489e1b1ea5b12b5\"")
    }

    @Test("A PUT has the tag of what it put")
    func put() throws {
        let put = RegisterRequest.put("v", if: .exists)
        let tag = entityTag(of: "v")
        #expect(
            try action(of: put, told: 200, Self.success, tag: tag)
                == .put("v", if: .exists, replaced: true)
        )
        for wrong in [nil, entityTag(of: "known"), "W/\(tag)"] {
            #expect(try action(of: put, told: 200, Self.success, tag: wrong) == nil)
        }
    }

    @Test("A 412 has the tag of a value that somebody wrote, or none where there is no key")
    func refused() throws {
        let put = RegisterRequest.put("v", if: .exists)
        let known = entityTag(of: "known")
        #expect(
            try action(of: put, told: 412, Self.failed, tag: known)
                == .refused(.exists, present: "known")
        )
        #expect(
            try action(of: put, told: 412, Self.failed, tag: nil) == .refused(.exists, present: nil)
        )
        #expect(try action(of: put, told: 412, Self.failed, tag: entityTag(of: "x")) == nil)
        #expect(try action(of: put, told: 412, Self.success, tag: known) == nil)
        #expect(try action(of: .put("v"), told: 412, Self.failed, tag: known) == nil)
        // Without a key, a DELETE is 404.
        #expect(try action(of: .delete(if: .exists), told: 412, Self.failed, tag: nil) == nil)
    }

    @Test("A GET has the tag of its value, and 304 only where that was asked for")
    func get() throws {
        let body = #"{"msg":"success","value":"v"}"#
        let tag = entityTag(of: "v")
        #expect(
            try action(of: .get(), told: 200, body, tag: tag, ttl: "3") == .get("v", expires: true)
        )
        #expect(
            try action(of: .get(unless: "v"), told: 304, "", tag: tag) == .get("v", expires: false)
        )
        #expect(try action(of: .get(), told: 304, "", tag: tag) == nil)
        #expect(try action(of: .get(unless: "v"), told: 200, body, tag: tag) == nil)
        #expect(try action(of: .get(unless: "known"), told: 304, "", tag: tag) == nil)
        #expect(try action(of: .get(), told: 200, body, tag: entityTag(of: "w")) == nil)
        for ttl in ["0", "-1", "x"] {
            #expect(try action(of: .get(), told: 200, body, tag: tag, ttl: ttl) == nil)
        }
    }
}
