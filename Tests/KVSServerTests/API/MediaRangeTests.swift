import Testing

@testable import KVSServer

@Suite("MediaRange")
struct MediaRangeTests {
    @Test(
        "Raw bytes are for those who ask for them by name, and want JSON less",
        arguments: [
            ("application/octet-stream", true),
            ("Application/Octet-Stream", true),
            ("text/plain, application/octet-stream;q=0.5", true),
            ("application/json;q=0.2, application/octet-stream;q=0.3", true),
            ("application/octet-stream, application/json;q=0.9", true),
            ("*/*", false),
            ("application/*", false),
            ("application/json", false),
            ("application/octet-stream;q=0", false),
            ("application/octet-stream, application/json", false),
            ("application/octet-stream;q=0.3, application/json;q=0.31", false),
            ("application/octet-streams", false),
            ("", false),
            (",;,", false),
        ]
    )
    func prefers(field: String, expected: Bool) {
        let answer = Array(field.utf8).withUnsafeBytes { MediaRange.prefersOctetStream($0) }
        #expect(answer == expected)
    }
}
