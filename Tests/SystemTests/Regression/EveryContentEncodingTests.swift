import Testing

/// Only the first `Content-Encoding` field was looked at: `identity` and then `gzip` was stored.
@Suite("Every Content-Encoding field", .timeLimit(.minutes(10)), .sharedServers)
struct EveryContentEncodingTests {
    private static func put(_ codings: [String], _ deployment: Deployment) throws -> WireResponse {
        try ServerUnderTest.shared(deployment).client().put(
            uniqueKey(),
            body: Array("bytes".utf8),
            contentType: "text/plain",
            headers: codings.map { "Content-Encoding: \($0)" }
        )
    }

    @Test(
        "A coding in any line, at any place of the list, is 415",
        arguments: Deployment.all,
        [
            ["identity", "gzip"], ["gzip", "identity"], ["identity, gzip"], [",", "br"],
            ["identity", "identity", ", zstd"], ["identities"],
        ]
    )
    func coded(deployment: Deployment, codings: [String]) throws {
        try Self.put(codings, deployment).expectError(415)
    }

    @Test(
        "A list of identity alone is no coding, and an empty list is none",
        arguments: Deployment.all,
        [
            ["identity"], ["identity", "Identity"], ["identity, identity"], [" , identity,,"], [""],
            [",", ""],
        ]
    )
    func uncoded(deployment: Deployment, codings: [String]) throws {
        try Self.put(codings, deployment).expect(.created)
    }
}
