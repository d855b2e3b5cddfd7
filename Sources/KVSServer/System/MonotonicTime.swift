import Glibc

/// A point in time of the monotonic clock (CLOCK_MONOTONIC), in nanoseconds.
///
/// A plain number, because the loops compare and add times for every request, and `Duration` counts
/// attoseconds in 128 bits. Simulated time is made of the same type.
struct MonotonicTime: Comparable, Sendable {
    var nanoseconds: Int64

    static let distantPast = MonotonicTime(nanoseconds: .min)
    static let distantFuture = MonotonicTime(nanoseconds: .max)

    static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The end of a span; the distant future where that cannot be told.
    static func + (time: MonotonicTime, span: TimeSpan) -> MonotonicTime {
        let (sum, overflows) = time.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflows ? .distantFuture : MonotonicTime(nanoseconds: sum)
    }

    static func - (left: MonotonicTime, right: MonotonicTime) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanoseconds &- right.nanoseconds)
    }
}

/// A length of time, in nanoseconds.
struct TimeSpan: Comparable, Sendable {
    var nanoseconds: Int64

    static let zero = TimeSpan(nanoseconds: 0)

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Rounds towards zero. What is longer than 292 years is that long.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflows) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        let limit: Int64 = duration < .zero ? .min : .max
        nanoseconds = isTooLong || overflows ? limit : sum
    }

    static func milliseconds(_ count: Int64) -> TimeSpan {
        TimeSpan(nanoseconds: count * 1_000_000)
    }

    static func seconds(_ count: Int64) -> TimeSpan {
        TimeSpan(nanoseconds: count * 1_000_000_000)
    }

    static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.nanoseconds < right.nanoseconds }

    static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanoseconds &+ right.nanoseconds)
    }

    static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanoseconds &- right.nanoseconds)
    }

    static func * (span: TimeSpan, factor: Int64) -> TimeSpan {
        TimeSpan(nanoseconds: span.nanoseconds &* factor)
    }
}
