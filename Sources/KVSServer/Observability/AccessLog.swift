import Basics
import EventHTTP
import Glibc
import Wire

/// Writes a line for each request, where that is asked for (`KVS_ACCESS_LOG`). One for each loop; for use on
/// its thread.
///
/// It says nothing of values. A line that nobody reads is dropped, and counted, by the ``LogQueue``.
final class AccessLog: RequestObserver, @unchecked Sendable {
    // Safe: used on the loop's thread only.

    /// Of longer targets the beginning is written: with each byte escaped, the whole line has less than 4 KiB, and
    /// so goes to a pipe in one piece.
    static let maximumTargetBytes = 1536

    private let queue: LogQueue
    // Safe: used on the loop's thread only, and it calls nobody who could come back here.
    @exclusivity(unchecked) private var line: LogLine
    @exclusivity(unchecked) private var time = LogTime()

    init(_ queue: LogQueue, format: LogFormat) {
        self.queue = queue
        // There may be no memory when a request is refused for that.
        line = LogLine(format: format, capacity: 4096)
    }

    var wantsTimeOfHandOver: Bool { true }
    func connectionHasBegun() {}
    func connectionHasEnded() {}

    func requestHasEnded(_ record: RequestRecord, _ details: any RequestDetails) {
        line.begin(at: time.text(), level: "info", message: "request")
        line.add("id", text: details.requestID)
        line.add("client", text: details.peerHost)
        line.add("method", LoopMetrics.name(of: record.method))
        if let target = details.targetIfKnown {
            line.add("path", text: target.slice(0..<min(target.count, Self.maximumTargetBytes)))
        }
        if let status = record.status { line.add("status", number: status) }
        if let refusal = record.refusal { line.add("refusal", refusal.metricName) }
        line.add("bytes", number: record.bodyBytes)
        line.add("us", number: Self.microseconds(record.end - record.start))
        if let handedOver = record.handedOver {
            line.add("read_us", number: Self.microseconds(handedOver - record.start))
            line.add("serve_us", number: Self.microseconds(record.end - handedOver))
        }
        line.end()
        queue.append(line.bytes)
    }

    private static func microseconds(_ span: TimeSpan) -> Int { Int(span.nanoseconds / 1000) }
}
