import Testing

/// Of two different `Content-Type` fields the first won, and the value was read by it.
@Suite("Repeated Content-Type", .timeLimit(.minutes(10)), .sharedServers)
struct RepeatedContentTypeTests {
    private static let form = "application/x-www-form-urlencoded"

    private static func put(
        _ key: String,
        types: [String],
        _ client: HTTPClient
    ) throws -> WireResponse {
        try client.put(
            key,
            body: Array("val=bart".utf8),
            contentType: nil,
            headers: types.map { "Content-Type: \($0)" }
        )
    }

    @Test(
        "Different types are 400, and nothing is stored",
        arguments: Deployment.all,
        [
            [form, "text/plain"], ["text/plain", form], [form, form, "text/plain"],
            ["application/json", "application/json; charset=utf-8"], ["text/plain", ""],
        ]
    )
    func different(deployment: Deployment, types: [String]) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try Self.put(key, types: types, client).expectError(400, mentioning: "Content-Type")
        try client.get(key).expect(.missing)
    }

    @Test("The same type twice leaves no doubt", arguments: Deployment.all)
    func same(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try Self.put(key, types: [Self.form, Self.form], client).expect(.created)
        try client.get(key).expect(.value("bart"))
    }

    @Test("A GET is not asked what its body is", arguments: Deployment.all)
    func get(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let types = ["Content-Type: text/plain", "Content-Type: text/html"]
        try client.get(uniqueKey(), headers: types).expect(.missing)
    }
}
