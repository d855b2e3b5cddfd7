import ContractCases
import Testing

/// How a value arrives: every body form, and what is refused.
@Suite("Contract: bodies", .sharedServers, .timeLimit(.minutes(10)))
struct ContractBodyTests {
    @Test("a form field val", arguments: Deployment.all, BodyCases.forms)
    func form(deployment: Deployment, body: BodyCase) throws {
        try check(body, deployment)
    }

    @Test("a multipart field val", arguments: Deployment.all, BodyCases.multiparts)
    func multipart(deployment: Deployment, body: BodyCase) throws {
        try check(body, deployment)
    }

    @Test("a JSON object's field val", arguments: Deployment.all, BodyCases.jsons)
    func json(deployment: Deployment, body: BodyCase) throws {
        try check(body, deployment)
    }

    @Test("a raw body", arguments: Deployment.all, BodyCases.raws)
    func raw(deployment: Deployment, body: BodyCase) throws {
        try check(body, deployment)
    }

    private func check(_ body: BodyCase, _ deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let keys = try body.contractCase.expect(of: [client])
        guard let value = body.value else { return }
        for key in keys { try client.get(key).expect(value: value) }
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
