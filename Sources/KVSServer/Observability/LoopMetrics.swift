import Basics
import EventHTTP
import Wire

/// What one loop has counted of connections and requests. Changed on the loop's thread; any thread may read
/// it.
final class LoopMetrics: RequestObserver {
    /// The upper bounds of the histogram's buckets, in nanoseconds, and as they are written in seconds.
    static let bounds: [(nanoseconds: Int64, text: StaticString)] = [
        (100_000, "0.0001"), (250_000, "0.00025"), (500_000, "0.0005"), (1_000_000, "0.001"),
        (2_500_000, "0.0025"), (5_000_000, "0.005"), (10_000_000, "0.01"), (25_000_000, "0.025"),
        (50_000_000, "0.05"), (100_000_000, "0.1"), (250_000_000, "0.25"), (500_000_000, "0.5"),
        (1_000_000_000, "1"), (2_500_000_000, "2.5"), (5_000_000_000, "5"), (10_000_000_000, "10"),
    ]
    /// In the order of ``HTTPMethod``, and what stands for none.
    static let methods = [
        "GET", "HEAD", "PUT", "DELETE", "POST", "OPTIONS", "TRACE", "PATCH", "CONNECT", "other",
        "none",
    ]
    /// What a method is called.
    static func name(of method: HTTPMethod?) -> String { methods[place(of: method)] }

    private static func place(of method: HTTPMethod?) -> Int {
        method.map { Int($0.rawValue) } ?? methods.count - 1
    }

    static let statuses = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"]

    /// By method, label and status class.
    let requests = Counters(methods.count * Route.labelNames.count * statuses.count)
    /// The last one is for what took longer than all bounds.
    let durations = Counters(bounds.count + 1)
    let refusals = Counters(Refusal.allCases.count)
    private let sums = Counters(5)
    /// Hears of the same.
    private let next: (any RequestObserver)?
    private let firstBound = bounds[0].nanoseconds

    init(next: (any RequestObserver)?) {
        self.next = next
        wantsTimeOfHandOver = next?.wantsTimeOfHandOver ?? false
    }

    var durationNanoseconds: Int { sums[0] }
    var contentBytes: Int { sums[1] }
    var bodyBytes: Int { sums[2] }
    var connectionsBegun: Int { sums[3] }
    var connectionsEnded: Int { sums[4] }

    /// Where the requests of these three are counted, each by its place in its list.
    static func place(method: Int, label: Int, status: Int) -> Int {
        (method * Route.labelNames.count + label) * statuses.count + status
    }

    // MARK: - On the loop's thread

    let wantsTimeOfHandOver: Bool

    func connectionHasBegun() {
        sums.add(1, at: 3)
        next?.connectionHasBegun()
    }

    func connectionHasEnded() {
        sums.add(1, at: 4)
        next?.connectionHasEnded()
    }

    func requestHasEnded(_ record: RequestRecord, _ details: any RequestDetails) {
        let method = Self.place(of: record.method)
        let status = record.status.map { $0 / 100 } ?? 0
        requests.add(1, at: Self.place(method: method, label: Int(record.label), status: status))
        let duration = (record.end - record.start).nanoseconds
        durations.add(1, at: duration <= firstBound ? 0 : Self.bucket(of: duration))
        sums.add(Int(duration), at: 0)
        if record.contentBytes > 0 { sums.add(record.contentBytes, at: 1) }
        sums.add(record.bodyBytes, at: 2)
        if let refusal = record.refusal { refusals.add(1, at: Int(refusal.rawValue)) }
        next?.requestHasEnded(record, details)
    }

    private static func bucket(of nanoseconds: Int64) -> Int {
        bounds.firstIndex { nanoseconds <= $0.nanoseconds } ?? bounds.count
    }
}
