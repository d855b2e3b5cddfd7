/// Times and sizes as texts, in the units that Kubernetes, Go, docker and people write. Any thread may use
/// it.
enum Quantity {
    /// A time: a number of seconds, or numbers each with a unit, from large to small.
    ///
    /// `2`, `0.5`, `500ms`, `90s`, `5m`, `2h`, `1d`, `1.5h`, `1h30m`; also `sec` and `min`. Go's
    /// `time.ParseDuration` reads the same, without days.
    ///
    /// - Returns: The seconds; nil where `text` is no such thing, such as `1h30` or `1,5s`.
    static func seconds(_ text: String) -> Double? {
        var rest = Substring(text)
        var total = 0.0
        var unit = Double.infinity
        repeat {
            guard let number = takeNumber(&rest) else { return nil }
            let name = rest.prefix { $0.isLowercase }
            rest = rest.dropFirst(name.count)
            let isAlone = unit.isInfinite && rest.isEmpty
            guard let next = secondsPerUnit(name, isAlone: isAlone), next < unit else { return nil }
            unit = next
            total += number * unit
        } while !rest.isEmpty
        return total
    }

    private static func secondsPerUnit(_ name: Substring, isAlone: Bool) -> Double? {
        switch name {
        case "": isAlone ? 1 : nil
        case "ms": 0.001
        case "s", "sec": 1
        case "m", "min": 60
        case "h": 3600
        case "d": 86_400
        default: nil
        }
    }

    /// A size: a number of bytes, or of a unit, with upper or lower case.
    ///
    /// `1048576`, `64K`, `512M`, `1.5G`, `1T`, the same as `64Ki`, `512MB`, `512MiB` and `512 MiB`, and
    /// `1e9`. K, M, G and T are powers of 1024 in each of these, as docker and redis have it.
    ///
    /// - Returns: The bytes, rounded down; nil where `text` is no such thing, such as `1,5G`, or more than
    ///   an `Int` holds.
    static func bytes(_ text: String) -> Int? {
        var rest = Substring(text.lowercased())
        guard let number = takeNumber(&rest, mayHaveExponent: true) else { return nil }
        if rest.first == " " { rest = rest.dropFirst() }
        let shift: Int
        switch rest {
        case "", "b": shift = 0
        case "k", "ki", "kb", "kib": shift = 10
        case "m", "mi", "mb", "mib": shift = 20
        case "g", "gi", "gb", "gib": shift = 30
        case "t", "ti", "tb", "tib": shift = 40
        default: return nil
        }
        return Int(exactly: (number * Double(1 << shift)).rounded(.down))
    }

    /// Takes `2`, `0.5` or `.5` off the front, and with an exponent `1e9`.
    private static func takeNumber(
        _ rest: inout Substring,
        mayHaveExponent: Bool = false
    ) -> Double? {
        var end = rest.startIndex
        func skipDigits() -> Bool {
            let start = end
            end = rest[end...].firstIndex { !($0.isASCII && $0.isNumber) } ?? rest.endIndex
            return end > start
        }
        func skip(_ choice: Character...) -> Bool {
            guard end < rest.endIndex, choice.contains(rest[end]) else { return false }
            end = rest.index(after: end)
            return true
        }
        let hasWhole = skipDigits()
        if skip(".") {
            guard skipDigits() else { return nil }
        } else if !hasWhole {
            return nil
        }
        if mayHaveExponent, skip("e") {
            _ = skip("+", "-")
            guard skipDigits() else { return nil }
        }
        defer { rest = rest[end...] }
        return Double(rest[..<end])
    }
}
