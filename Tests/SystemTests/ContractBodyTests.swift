import Testing

/// How a value arrives: every body form, and what is refused.
@Suite("Contract: bodies", .sharedServers, .timeLimit(.minutes(10)))
struct ContractBodyTests {
    /// A body and what it means: the value that is stored, or the status of the refusal.
    struct Case: Sendable, CustomTestStringConvertible {
        let type: String?
        let body: [UInt8]
        let value: [UInt8]?
        let status: Int

        init(_ type: String?, _ body: String, value: String) {
            self.init(type, Array(body.utf8), value: Array(value.utf8))
        }

        init(_ type: String?, _ body: [UInt8], value: [UInt8]) {
            (self.type, self.body, self.value, status) = (type, body, value, 201)
        }

        init(_ type: String?, _ body: String, refused status: Int = 400) {
            (self.type, self.body, value, self.status) = (type, Array(body.utf8), nil, status)
        }

        var testDescription: String {
            let text = String(decoding: body.prefix(60), as: UTF8.self).debugDescription
            return "\(type ?? "no type"): \(text) → \(value == nil ? "\(status)" : "stored")"
        }
    }

    @Test("a form field val", arguments: Deployment.all, BodyCases.forms)
    func form(deployment: Deployment, body: Case) throws {
        try check(body, deployment)
    }

    @Test("a multipart field val", arguments: Deployment.all, BodyCases.multiparts)
    func multipart(deployment: Deployment, body: Case) throws {
        try check(body, deployment)
    }

    @Test("a JSON object's field val", arguments: Deployment.all, BodyCases.jsons)
    func json(deployment: Deployment, body: Case) throws {
        try check(body, deployment)
    }

    @Test("a raw body", arguments: Deployment.all, BodyCases.raws)
    func raw(deployment: Deployment, body: Case) throws {
        try check(body, deployment)
    }

    /// Puts the body twice: to a key that is new, and to one whose value a refusal must not touch.
    private func check(_ body: Case, _ deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let new = uniqueKey()
        let old = uniqueKey()
        try client.put(old, "old").expect(.created)
        let toNew = try client.put(new, body: body.body, contentType: body.type)
        let toOld = try client.put(old, body: body.body, contentType: body.type)
        if let value = body.value {
            toNew.expect(.created)
            toOld.expect(.replaced)
            for key in [new, old] {
                let raw = try client.get(key, headers: ["Accept: application/octet-stream"])
                raw.expect(octets: value)
                try client.get(key).expect(value: value)
            }
        } else {
            toNew.expectError(body.status)
            toOld.expectError(body.status)
            try client.get(new).expect(.missing)
            try client.get(old).expect(.value("old"))
        }
    }

    @Test("no value: the error says how to send one", arguments: Deployment.all)
    func noValue(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.send("PUT", "/kvs/\(key)").expectError(400, mentioning: "val=")
        try client.put(key, form: []).expectError(400, mentioning: "val=")
        try client.put(key, form: Array("value=x".utf8)).expectError(400, mentioning: "val=")
        try client.get(key).expect(.missing)
    }

    @Test("a Content-Encoding other than identity answers 415", arguments: Deployment.all)
    func contentEncoding(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let form = Array("val=x".utf8)
        let type = "application/x-www-form-urlencoded"
        for coding in ["gzip", "deflate", "br", "zstd", "x-gzip", "identity, gzip", "nonsense"] {
            let header = "Content-Encoding: \(coding)"
            try client.put(key, body: form, contentType: type, headers: [header]).expectError(415)
        }
        try client.get(key).expect(.missing)
        let identity = "Content-Encoding: identity"
        try client.put(key, body: form, contentType: type, headers: [identity]).expect(.created)
        try client.get(key).expect(.value("x"))
    }
}
