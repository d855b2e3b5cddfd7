import EventLoops
import Synchronization

/// Whoever has the metrics' text.
protocol MetricsSource: AnyObject, Sendable {
    /// Writes it to the end of `buffer`; false where there is no memory for it.
    func append(to buffer: EventBuffer) -> Bool
}

/// The metrics of a server whose loops are still being made: each of these has a way to all of them.
final class LateMetrics: MetricsSource {
    private let metrics = Mutex<Metrics?>(nil)

    /// Before the first loop starts.
    func set(_ metrics: Metrics) { self.metrics.withLock { $0 = metrics } }

    func append(to buffer: EventBuffer) -> Bool {
        guard let metrics = metrics.withLock({ $0 }) else { return true }
        return metrics.text().withUnsafeBytes { buffer.append($0) }
    }
}
