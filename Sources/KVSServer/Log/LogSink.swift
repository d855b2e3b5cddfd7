import Basics
package import Logging

/// Where the lines of all loggers go: into a ``LogQueue``, each cause a few times only. Any thread may use
/// it; nobody waits.
package final class LogSink: Sendable {
    private let queue: LogQueue
    private let format: LogFormat
    private let state = LockedValue((repeated: RepeatedLines(), time: LogTime()))

    package init(_ queue: LogQueue, format: LogFormat) {
        self.queue = queue
        self.format = format
    }

    /// A line by itself, as it would be written now.
    package static func line(
        _ message: String,
        _ level: Logger.Level,
        _ metadata: Logger.Metadata = [:],
        at time: [UInt8]? = nil,
        format: LogFormat
    ) -> [UInt8] {
        var now = LogTime()
        var line = LogLine(format: format)
        line.begin(at: time ?? now.text(), level: level.rawValue, message: message)
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line.add(name, "\(value)")
        }
        line.end()
        return line.bytes
    }

    /// The line that tells of others that were lost.
    package static func lost(_ count: Int, _ reason: String, format: LogFormat) -> String {
        let message = "\(count) lines were not written, because \(reason)"
        return String(decoding: line(message, .warning, format: format), as: UTF8.self)
    }

    func write(_ message: String, _ level: Logger.Level, _ metadata: Logger.Metadata) {
        let cause = Self.line(message, level, metadata, at: [], format: .text)
        let second = Int(MonotonicTime.now.nanoseconds / 1_000_000_000)
        let (verdict, time) = state.withLock { state in
            let text = String(decoding: cause, as: UTF8.self)
            return (state.repeated.verdict(on: text, atSecond: second), state.time.text())
        }
        let end =
            switch verdict {
            case .write: ""
            case .last: " (left out from now on, for a minute)"
            case .leaveOut: nil as String?
            }
        guard let end else { return }
        queue.append(Self.line(message + end, level, metadata, at: time, format: format))
    }
}

/// swift-log's way to a ``LogSink``.
package struct SinkLogHandler: LogHandler {
    private let sink: LogSink
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    package init(_ sink: LogSink, level: Logger.Level) {
        self.sink = sink
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        sink.write("\(event.message)", event.level, all)
    }
}
