import Foundation
import Testing

/// A setting as docs/limits.md has it: what users are told.
struct DocumentedSetting: Sendable, CustomTestStringConvertible {
    let variable: String
    /// With its dashes.
    let option: String
    /// nil: none.
    let defaultText: String?

    var testDescription: String { variable }

    /// What stands in brackets in the help of the option.
    var note: String {
        defaultText.map { "[\(variable); default: \($0)]" } ?? "[\(variable)]"
    }

    static let all: [Self] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../docs/limits.md")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        // The rows of tables of settings, and of no others, have an option in their second cell.
        return text.matches(of: /\| `([A-Z_]+)` \| `(--[a-z-]+)` \| ([^|]*?) \|/).map {
            Self(
                variable: String($0.1),
                option: String($0.2),
                defaultText: $0.3 == "–" ? nil : String($0.3)
            )
        }
    }()
}
