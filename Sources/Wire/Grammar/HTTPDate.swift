package import Glibc

/// The `Date` field's text (RFC 9110 §5.6.7), made once a second instead of once a reply: libevent's
/// own costs as much as the rest of a small reply.
///
/// For use by one thread at a time.
package final class HTTPDate {
    /// The bytes of `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static let count = 29

    /// The date, what follows it, and a NUL.
    private let buffer: UnsafeMutablePointer<CChar>
    private var second = time_t.min

    /// How long the text is, with what follows the date.
    package let textCount: Int

    /// - Parameters:
    ///   - suffixes: Stand behind the date, always.
    ///   - room: Bytes behind these that whoever has the text may overwrite, its NUL with them.
    package init(followedBy suffixes: StaticString..., room: Int = 0) {
        textCount = suffixes.reduce(Self.count) { $0 + $1.utf8CodeUnitCount }
        buffer = .allocate(capacity: textCount + 1 + room)
        buffer[Self.count] = 0
        for suffix in suffixes { strcat(buffer + Self.count, suffix.cString) }
    }

    deinit { buffer.deallocate() }

    /// The text for the present second, or another. The pointer stays valid as long as this object.
    package func text(at now: time_t = time(nil)) -> UnsafeMutablePointer<CChar> {
        if now != second {
            second = now
            write(now)
        }
        return buffer
    }

    private func write(_ second: time_t) {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        // strftime would follow the locale; these names are fixed.
        let days: StaticString = "SunMonTueWedThuFriSat"
        let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
        var position = 0
        func put(_ byte: UInt8) {
            buffer[position] = CChar(bitPattern: byte)
            position += 1
        }
        func put(_ literal: StaticString, at offset: Int = 0, count: Int) {
            for index in offset..<(offset + count) { put(literal.utf8Start[index]) }
        }
        func put(_ number: Int32, digits: Int32) {
            if digits > 1 { put(number / 10, digits: digits - 1) }
            put(UInt8(ascii: "0") + UInt8(number % 10))
        }
        put(days, at: Int(parts.tm_wday) * 3, count: 3)
        put(", ", count: 2)
        put(parts.tm_mday, digits: 2)
        put(" ", count: 1)
        put(months, at: Int(parts.tm_mon) * 3, count: 3)
        put(" ", count: 1)
        put(parts.tm_year + 1900, digits: 4)
        put(" ", count: 1)
        put(parts.tm_hour, digits: 2)
        put(":", count: 1)
        put(parts.tm_min, digits: 2)
        put(":", count: 1)
        put(parts.tm_sec, digits: 2)
        put(" GMT", count: 4)
    }
}
