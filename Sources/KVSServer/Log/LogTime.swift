package import Glibc

/// The time of a line in the log: `2026-11-26T23:59:59.123Z` (RFC 3339, UTC). For use by one thread at a
/// time.
package struct LogTime {
    private var second = time_t.min
    /// The text of that second, up to and without the fraction.
    private var text = ""

    package init() {}

    package mutating func text(at now: timespec = Self.now) -> String {
        if now.tv_sec != second {
            second = now.tv_sec
            text = Self.text(of: now.tv_sec)
        }
        let fraction = String(1000 + now.tv_nsec / 1_000_000).dropFirst()
        return "\(text).\(fraction)Z"
    }

    package static var now: timespec {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now
    }

    private static func text(of second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        func two(_ number: Int32) -> Substring { String(100 + number).dropFirst() }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    }
}
