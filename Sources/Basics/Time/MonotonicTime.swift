import Glibc

/// A point in time of the monotonic clock (CLOCK_MONOTONIC), in nanoseconds.
///
/// A plain number, because the loops compare and add times for every request, and `Duration` counts
/// attoseconds in 128 bits. Simulated time is made of the same type.
@usableFromInline
package struct MonotonicTime: Comparable, Sendable {
    @usableFromInline package var nanoseconds: Int64

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    @inlinable package static var distantPast: MonotonicTime { MonotonicTime(nanoseconds: .min) }
    @inlinable package static var distantFuture: MonotonicTime { MonotonicTime(nanoseconds: .max) }

    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    @inlinable
    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The end of a span; the distant future where that cannot be told.
    @inlinable
    package static func + (time: MonotonicTime, span: TimeSpan) -> MonotonicTime {
        let (sum, overflows) = time.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflows ? .distantFuture : MonotonicTime(nanoseconds: sum)
    }

    @inlinable
    package static func - (left: MonotonicTime, right: MonotonicTime) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanoseconds &- right.nanoseconds)
    }
}

/// A length of time, in nanoseconds.
@usableFromInline
package struct TimeSpan: Comparable, Sendable {
    @usableFromInline package var nanoseconds: Int64

    @inlinable package static var zero: TimeSpan { TimeSpan(nanoseconds: 0) }

    @inlinable package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Rounds towards zero. What is longer than 292 years is that long.
    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflows) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        let limit: Int64 = duration < .zero ? .min : .max
        nanoseconds = isTooLong || overflows ? limit : sum
    }

    @inlinable
    package static func milliseconds(_ count: Int64) -> TimeSpan {
        TimeSpan(nanoseconds: count * 1_000_000)
    }

    @inlinable
    package static func seconds(_ count: Int64) -> TimeSpan {
        TimeSpan(nanoseconds: count * 1_000_000_000)
    }

    @inlinable
    package static func < (left: TimeSpan, right: TimeSpan) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    @inlinable
    package static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanoseconds &+ right.nanoseconds)
    }

    @inlinable
    package static func - (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: left.nanoseconds &- right.nanoseconds)
    }

    @inlinable
    package static func * (span: TimeSpan, factor: Int64) -> TimeSpan {
        TimeSpan(nanoseconds: span.nanoseconds &* factor)
    }
}
