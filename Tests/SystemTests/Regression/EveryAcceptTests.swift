import Testing

/// Only the first `Accept` field was looked at.
@Suite("Every Accept field", .timeLimit(.minutes(10)), .sharedServers)
struct EveryAcceptTests {
    @Test(
        "All Accept fields are one list",
        arguments: Deployment.all,
        [
            (["text/plain", "application/octet-stream"], true),
            (["*/*", "application/octet-stream"], true),
            (["application/json;q=0.5", "application/octet-stream;q=0.6"], true),
            (["", "application/octet-stream"], true),
            (["application/octet-stream;q=0.5", "application/json"], false),
            (["application/octet-stream", ",", "application/json"], false),
            (["application/json", "*/*"], false),
        ]
    )
    func accept(deployment: Deployment, row: (fields: [String], isRaw: Bool)) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, "bart").expect(.created)
        let reply = try client.get(key, headers: row.fields.map { "Accept: \($0)" })
        if row.isRaw {
            reply.expect(octets: Array("bart".utf8))
        } else {
            reply.expect(.value("bart"))
        }
    }
}
