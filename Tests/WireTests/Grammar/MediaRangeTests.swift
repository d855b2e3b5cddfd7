import Testing

@testable import Wire

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
        #expect(Self.prefersOctetStream([field]) == expected)
        // However the list is cut into lines.
        let members = field.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        #expect(Self.prefersOctetStream(members) == expected)
    }

    private static func prefersOctetStream(_ fields: [String]) -> Bool {
        var accepted = MediaRange()
        for field in fields {
            Array(field.utf8).withUnsafeBytes { accepted.add($0) }
        }
        return accepted.prefersOctetStream
    }

    @Test("No field asks for nothing in particular")
    func none() {
        #expect(!Self.prefersOctetStream([]))
    }
}
