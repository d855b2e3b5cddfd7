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

    /// Of longer targets the beginning is written, so that a line goes to a pipe in one piece.
    static let maximumTargetBytes = 2048

    private let queue: LogQueue
    private let format: LogFormat
    private var line: [UInt8] = []
    private var time = LogTime()

    init(_ queue: LogQueue, format: LogFormat) {
        self.queue = queue
        self.format = format
        line.reserveCapacity(512)
    }

    var wantsTimeOfHandOver: Bool { true }
    func connectionHasBegun() {}
    func connectionHasEnded() {}

    func requestHasEnded(_ record: RequestRecord, _ details: any RequestDetails) {
        line.removeAll(keepingCapacity: true)
        var fields = LogLine(format: format, bytes: line)
        line = []
        fields.begin(at: time.text(), level: "info", message: "request")
        fields.add("id", text: details.requestID)
        fields.add("client", text: details.peerHost)
        fields.add("method", LoopMetrics.methods[record.method.map { Int($0.rawValue) } ?? 10])
        if let target = details.targetIfKnown {
            fields.add("path", text: target.slice(0..<min(target.count, Self.maximumTargetBytes)))
        }
        if let status = record.status { fields.add("status", number: status) }
        if let refusal = record.refusal { fields.add("refusal", refusal.metricName) }
        fields.add("bytes", number: record.bodyBytes)
        fields.add("us", number: Self.microseconds(record.end - record.start))
        if let handedOver = record.handedOver {
            fields.add("read_us", number: Self.microseconds(handedOver - record.start))
            fields.add("serve_us", number: Self.microseconds(record.end - handedOver))
        }
        fields.end()
        queue.append(fields.bytes)
        swap(&line, &fields.bytes)
    }

    private static func microseconds(_ span: TimeSpan) -> Int { Int(span.nanoseconds / 1000) }
}
