import Foundation
import Testing

/// What an instance says of itself, beside what docs/operations.md has of it.
@Suite("Log messages and metrics in the documents")
struct DocumentedOperationsTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("docs/operations.md has each log message with its level, and no other")
    func messages() throws {
        let call = /logger\.(trace|debug|info|notice|warning|error|critical)\(\s*"([^"\\]+)"/
        let logged = try Self.sources().flatMap { text in
            text.matches(of: call).map { [String($0.2), String($0.1)] }
        }
        let levels = Set(logged.map { $0[1] })
        #expect(levels.isSuperset(of: ["info", "warning", "error"]))
        let documented = try Self.rows().filter { levels.contains($0[1]) }.map { $0.prefix(2) }
        for message in logged {
            #expect(documented.count { $0.elementsEqual(message) } == 1, "not there: \(message)")
        }
        // With an ellipsis are those whose texts are put together.
        for row in documented where !row[0].contains("…") {
            #expect(logged.contains { $0.elementsEqual(row) }, "no source says: \(row)")
        }
    }

    @Test("docs/operations.md has each metric that a source names")
    func metrics() throws {
        // Names of C functions and of settings have no such beginnings.
        let name = /"[^"\n]*?\b((?:kvs|process)_[a-z]+(?:_[a-z]+)+)/
        let documented = Set(
            try Self.rows().compactMap { $0[0].split(separator: "{").first.map(String.init) }
        )
        #expect(documented.contains("kvs_http_requests_total"))
        let named = Set(try Self.sources().flatMap { $0.matches(of: name).map { String($0.1) } })
        for metric in named {
            let base = metric.replacing(/_(bucket|sum|count)$/, with: "")
            #expect(documented.contains(metric) || documented.contains(base), "no \(metric)")
        }
    }

    /// The texts of all files of the program.
    private static func sources() throws -> [String] {
        let folder = root.appending(path: "Sources")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
        return try paths.filter { $0.hasSuffix(".swift") }.map {
            try String(contentsOf: folder.appending(path: $0), encoding: .utf8)
        }
    }

    /// The cells of all tables, without their code marks.
    private static func rows() throws -> [[String]] {
        let document = root.appending(path: "docs/operations.md")
        let lines = try String(contentsOf: document, encoding: .utf8).split(separator: "\n")
        return lines.filter { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "")
            }
        }
    }
}
