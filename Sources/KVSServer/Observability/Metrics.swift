import Basics
import EventHTTP
import EventLoops
import KVSStore
import Wire

/// All that `GET /metrics` tells, put together when it is asked for. Any thread may ask.
///
/// Each loop counts by itself; the numbers are added up here. So nothing is shared while requests are
/// answered, and what is read is never more than what has happened.
struct Metrics: Sendable {
    /// What belongs to one loop.
    struct Loop: Sendable {
        let metrics: LoopMetrics
        let lag: LoopLag
        /// Of use in a forwarder.
        let pool: PoolMetrics
    }

    let loops: [Loop]
    let configuration: Configuration
    let budget: BufferBudget
    let connectionLimit: Int
    /// A main's.
    let store: KeyValueStore?
    /// A forwarder's.
    let belief: SharedBelief?
    /// Lines of the log that nobody will read.
    let droppedLines: @Sendable () -> Int

    func text() -> [UInt8] {
        var text = MetricsText()
        writeRequests(to: &text)
        writeDurations(to: &text)
        writeTraffic(to: &text)
        if let store { write(store, to: &text) }
        if let belief { write(belief, to: &text) }
        writeProgram(to: &text)
        write(ProcessUsage(), to: &text)
        return text.bytes
    }

    private func sum(_ number: (LoopMetrics) -> Int) -> Int {
        loops.reduce(0) { $0 + number($1.metrics) }
    }

    private func writeRequests(to text: inout MetricsText) {
        let name = "kvs_http_requests_total"
        text.begin(name, .counter, "Requests, by method, what they were for, and class of status.")
        for (method, methodName) in LoopMetrics.methods.enumerated() {
            for (label, labelName) in Route.labelNames.enumerated() {
                for (status, statusName) in LoopMetrics.statuses.enumerated() {
                    let place = LoopMetrics.place(method: method, label: label, status: status)
                    let count = sum { $0.requests[place] }
                    guard count > 0 else { continue }
                    text.sample(
                        name,
                        "method=\"\(methodName)\",route=\"\(labelName)\",status=\"\(statusName)\"",
                        count
                    )
                }
            }
        }
        let refused = "kvs_http_refusals_total"
        text.begin(refused, .counter, "Requests that were refused before a handler got them.")
        for refusal in Refusal.allCases {
            let count = sum { $0.refusals[Int(refusal.rawValue)] }
            text.sample(refused, "reason=\"\(refusal.metricName)\"", count)
        }
    }

    private func writeDurations(to text: inout MetricsText) {
        let name = "kvs_http_request_duration_seconds"
        text.begin(name, .histogram, "From a request's first byte to its reply.")
        var count = 0
        for (index, bound) in LoopMetrics.bounds.enumerated() {
            count += sum { $0.durations[index] }
            text.sample("\(name)_bucket", "le=\"\(bound.text)\"", count)
        }
        count += sum { $0.durations[LoopMetrics.bounds.count] }
        text.sample("\(name)_bucket", "le=\"+Inf\"", count)
        text.sample("\(name)_sum", "", Double(sum { $0.durationNanoseconds }) / 1e9)
        text.sample("\(name)_count", "", count)
    }

    private func writeTraffic(to text: inout MetricsText) {
        text.metric(
            "kvs_http_request_body_bytes_total",
            .counter,
            "Content of requests that a handler got, in bytes.",
            sum { $0.contentBytes }
        )
        text.metric(
            "kvs_http_response_body_bytes_total",
            .counter,
            "Bodies of replies, those included that HEAD only announces, in bytes.",
            sum { $0.bodyBytes }
        )
        // Ends first: whoever has ended has begun before.
        let ended = sum { $0.connectionsEnded }
        let begun = sum { $0.connectionsBegun }
        text.metric(
            "kvs_http_connections",
            .gauge,
            "Connections of clients that are open.",
            begun - ended
        )
        text.metric(
            "kvs_http_connections_limit",
            .gauge,
            "Connections that clients may have at one time.",
            connectionLimit
        )
        text.metric(
            "kvs_http_connections_accepted_total",
            .counter,
            "Connections of clients so far.",
            begun
        )
        text.metric(
            "kvs_http_buffered_bytes",
            .gauge,
            "What requests and replies hold that wait for clients or the main, in bytes.",
            budget.usedBytes
        )
        text.metric(
            "kvs_http_buffered_bytes_limit",
            .gauge,
            "What these may hold (KVS_MAX_BUFFERED), in bytes.",
            configuration.maximumBufferedBytes
        )
    }

    private func write(_ store: KeyValueStore, to text: inout MetricsText) {
        let usage = store.usage
        text.metric("kvs_store_keys", .gauge, "Keys that have a value.", usage.keys)
        text.metric(
            "kvs_store_expired_keys_total",
            .counter,
            "Keys that have gone because their time was over.",
            usage.expired
        )
        text.metric(
            "kvs_store_bytes",
            .gauge,
            "Memory that keys, values and their table take, in bytes.",
            usage.bytes
        )
        text.metric(
            "kvs_store_bytes_limit",
            .gauge,
            "What these may take (KVS_MAX_MEMORY), in bytes.",
            configuration.maximumMemoryBytes
        )
    }

    private func write(_ belief: SharedBelief, to text: inout MetricsText) {
        let pools = loops.map(\.pool)
        func sum(_ place: Int) -> Int { pools.reduce(0) { $0 + $1.numbers[place] } }
        text.metric(
            "kvs_main_available",
            .gauge,
            "1 while the main answers, 0 while it is taken for silent.",
            belief.isSilent ? 0 : 1
        )
        text.metric(
            "kvs_main_attempts_total",
            .counter,
            "Requests of which bytes went to the main, second tries and probes included.",
            sum(PoolMetrics.attempts)
        )
        let name = "kvs_main_failures_total"
        text.begin(
            name,
            .counter,
            "Attempts to get an answer of the main that failed."
        )
        for (index, reason) in PoolMetrics.reasons.enumerated() {
            text.sample(name, "reason=\"\(reason)\"", sum(PoolMetrics.firstReason + index))
        }
        text.metric(
            "kvs_main_unanswered_total",
            .counter,
            "Requests that were answered that the service is not available.",
            sum(PoolMetrics.unanswered)
        )
        text.begin(
            "kvs_main_connections",
            .gauge,
            "Connections to the main, but for those of probes."
        )
        text.sample("kvs_main_connections", "state=\"idle\"", sum(PoolMetrics.idle))
        text.sample("kvs_main_connections", "state=\"busy\"", sum(PoolMetrics.busy))
        text.metric(
            "kvs_main_waiting_requests",
            .gauge,
            "Requests that wait for a connection to the main.",
            sum(PoolMetrics.waiting)
        )
    }
}
