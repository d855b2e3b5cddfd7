package import Glibc

/// The time of a line in the log: `2026-11-26T23:59:59.123Z` (RFC 3339, UTC). For use by one thread at a
/// time.
package struct LogTime {
    private var second = time_t.min
    /// The text of that second, whose milliseconds are written anew each time.
    private var text: [UInt8] = []

    package init() {}

    package mutating func text(at now: timespec = Self.now) -> [UInt8] {
        if now.tv_sec != second {
            second = now.tv_sec
            text = Array("\(Self.text(of: now.tv_sec)).000Z".utf8)
        }
        var rest = now.tv_nsec / 1_000_000
        for place in 2...4 {
            text[text.count - place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        return text
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
