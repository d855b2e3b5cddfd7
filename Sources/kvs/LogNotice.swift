import Logging

/// One line in the form that all lines of the log have, as a text.
enum LogNotice {
    /// - Returns: The line, with its end.
    static func line(_ message: String) -> String {
        let collector = Collector()
        StreamLogHandler(label: "kvs", stream: collector).log(
            event: LogEvent(
                level: .warning,
                message: "\(message)",
                metadata: nil,
                source: "kvs",
                file: #fileID,
                function: #function,
                line: #line
            )
        )
        return collector.text
    }

    // Safe: it never leaves `line`, and with that one thread.
    private final class Collector: TextOutputStream, @unchecked Sendable {
        var text = ""
        func write(_ string: String) { text += string }
    }
}
