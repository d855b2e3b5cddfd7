import Glibc

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
    /// Why stdout takes no more: `errno`. The rows that come then are counted only.
    private(set) var outputError: Int32?

    mutating func heading(_ text: String) {
        writeLine("\n\(text)")
        write("", "case", "expected", "got", "time")
    }

    mutating func row(_ row: Row) {
        rowCount += 1
        if !row.isMet { failureCount += 1 }
        let (seconds, attoseconds) = row.time.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        write(row.isMet ? "ok" : "FAIL", row.name, row.expected, row.got, "\(milliseconds) ms")
    }

    mutating func summary() {
        writeLine("\n\(rowCount) lines, \(failureCount) failed")
    }

    private mutating func write(
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
        writeLine(cells.joined(separator: "  "))
    }

    private mutating func writeLine(_ line: String) {
        guard outputError == nil else { return }
        var rest = Array("\(line)\n".utf8)[...]
        while let error = Output.tryWrite(&rest) {
            // A call that waits for a reader goes on, unless whoever waits for the end has sent a signal.
            guard error == EINTR, !Interruption.hasCome else {
                outputError = error
                return
            }
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        var text = text.printable
        if text.count > width { text = "\(text.prefix(width - 1))…" }
        return text + String(repeating: " ", count: width - text.count)
    }
}
