/// The table that a check prints, row by row.
struct CheckTable {
    struct Row {
        let name: String
        let expected: String
        let got: String
        let isMet: Bool
        let time: Duration
    }

    private(set) var rowCount = 0
    private(set) var failureCount = 0

    func heading(_ text: String) {
        Output.writeLine("\n\(text)")
        write("", "case", "expected", "got", "time")
    }

    mutating func row(_ row: Row) {
        rowCount += 1
        if !row.isMet { failureCount += 1 }
        let (seconds, attoseconds) = row.time.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        write(row.isMet ? "ok" : "FAIL", row.name, row.expected, row.got, "\(milliseconds) ms")
    }

    func summary() {
        Output.writeLine("\n\(rowCount) lines, \(failureCount) failed")
    }

    private func write(
        _ mark: String,
        _ name: String,
        _ expected: String,
        _ got: String,
        _ time: String
    ) {
        let cells = [
            Self.padded(mark, 4), Self.padded(name, 38), Self.padded(expected, 58),
            Self.padded(got, 58), String(repeating: " ", count: max(0, 7 - time.count)) + time,
        ]
        Output.writeLine(cells.joined(separator: "  "))
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        var text = text.printable
        if text.count > width { text = "\(text.prefix(width - 1))…" }
        return text + String(repeating: " ", count: width - text.count)
    }
}
