import Foundation
import Testing

@testable import KVSServer

@Suite("Settings in the documents")
struct DocumentedSettingsTests {
    @Test("docs/limits.md has each setting once, with its option, default and range, and no other")
    func limits() throws {
        let documented = try Self.rows(of: "docs/limits.md").map { Array($0.prefix(4)) }
        let settings = Setting.table.map { Self.cells(of: $0) + [$0.form.range] }
        for row in settings {
            #expect(documented.filter { $0 == row }.count == 1, "the document has not: \(row)")
        }
        for row in documented {
            #expect(settings.contains(row), "the table of settings has not: \(row)")
        }
    }

    @Test("What README.md has of them is the same, with option and default, and no other")
    func readme() throws {
        let documented = try Self.rows(of: "README.md").map { Array($0.prefix(3)) }
        let settings = Setting.table.map(Self.cells)
        #expect(!documented.isEmpty && Set(documented).count == documented.count)
        for row in documented {
            #expect(settings.contains(row), "the table of settings has not: \(row)")
        }
    }

    private static func cells(of setting: Setting) -> [String] {
        [setting.variable, "--\(setting.option)", setting.defaultText ?? "–"]
    }

    /// The cells of all tables whose first columns are variable and option, without their headings.
    private static func rows(of document: String) throws -> [[String]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../..")
        let text = try String(contentsOf: root.appendingPathComponent(document), encoding: .utf8)
        var rows: [[String]] = []
        var isInTable = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().map
            {
                $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "`", with: "")
            }
            let isHeading = cells.starts(with: ["variable", "option"])
            isInTable = isHeading || (isInTable && !cells.isEmpty)
            if isInTable, !isHeading, !cells[0].hasPrefix("---") { rows.append(cells) }
        }
        return rows
    }
}
