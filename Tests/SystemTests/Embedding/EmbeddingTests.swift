import Foundation
import Testing

/// Servers inside another program, as the article of KVSServer about it shows them.
@Suite("Embedding", .timeLimit(.minutes(5)))
struct EmbeddingTests {
    private static let example = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "EmbeddingExample.swift")
    private static let article = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Sources/KVSServer/KVSServer.docc/Embedding.md")

    @Test("A main and a forwarder run in a process of another's, and stop when they are told to")
    func run() async throws {
        let value = Array("hello".utf8)
        #expect(try await putThroughForwarder(value) == value)
        #expect(try await putThroughForwarder([]) == [], "the process can do it once more")
    }

    @Test("The article shows the example that runs here")
    func article() throws {
        let shown = try Self.lines(of: Self.article, after: "```swift", before: "```")
        let run = try Self.lines(
            of: Self.example,
            after: "// begin of Embedding.md",
            before: "// end of Embedding.md"
        )
        #expect(shown == run)
    }

    /// What stands between the first line that is `begin` and the next one that is `end`.
    private static func lines(
        of file: URL,
        after begin: String,
        before end: String
    ) throws -> [Substring] {
        let text = try String(contentsOf: file, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let name = file.lastPathComponent
        let first = try #require(lines.firstIndex { $0 == begin }, "\(name) has no '\(begin)'")
        let part = lines[(first + 1)...]
        let last = try #require(part.firstIndex { $0 == end }, "\(name) has no '\(end)'")
        #expect(last > part.startIndex)
        return Array(part[..<last])
    }
}
