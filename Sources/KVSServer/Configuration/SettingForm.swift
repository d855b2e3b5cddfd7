import EventLoops

/// What the text of a setting may be, and where its value goes.
struct SettingForm: Sendable {
    /// All that may be given, as the documents have it.
    let range: String
    /// What the error says of anything else, behind the name of the setting.
    let rule: String
    /// Puts the value in its place; false where the text means nothing.
    let store: @Sendable (_ text: String, _ draft: inout Configuration.Draft) -> Bool

    typealias Place<Value> = any WritableKeyPath<Configuration.Draft, Value> & Sendable

    /// - Parameter value: The value of a text; nil where it means nothing.
    private init<Value>(
        range: String,
        rule: String,
        place: Place<Value>,
        value: @escaping @Sendable (_ text: String) -> Value?
    ) {
        self.range = range
        self.rule = rule
        store = { text, draft in
            guard let value = value(text) else { return false }
            draft[keyPath: place] = value
            return true
        }
    }

    /// The same, for what is nil until it is given.
    private init<Value>(
        range: String,
        rule: String,
        emptyPlace place: Place<Value?>,
        value: @escaping @Sendable (_ text: String) -> Value?
    ) {
        self.init(range: range, rule: rule, place: place) { text in value(text).map(Optional.some) }
    }

    /// A numeric address, also with the brackets that it has in a URL: they do no harm.
    static func address(_ place: Place<String>) -> Self {
        let range = "an IPv4 or IPv6 address"
        return Self(range: range, rule: "must be \(range)", place: place) { text in
            let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
            let bare = isBracketed ? String(text.dropFirst().dropLast()) : text
            return SocketAddress(numericHost: bare, port: 0) == nil ? nil : bare
        }
    }

    static func port(_ place: Place<UInt16>) -> Self {
        let range = "0 to 65535"
        return Self(range: range, rule: "must be a port from \(range)", place: place) { UInt16($0) }
    }

    static func endpoint(_ place: Place<Endpoint?>) -> Self {
        let rule = "must be host:port of the main, such as 10.0.0.20:8080 or [::1]:8080"
        return Self(range: "host:port", rule: rule, emptyPlace: place) { Endpoint($0) }
    }

    /// `True`, `False`, 1 or 0, in upper or lower case.
    static func truth(_ place: Place<Bool?>) -> Self {
        Self(range: truths, rule: "must be \(truths)", emptyPlace: place, value: truth(_:))
    }

    static func truth(_ place: Place<Bool>) -> Self {
        Self(range: truths, rule: "must be \(truths)", place: place, value: truth(_:))
    }

    private static let truths = "True or False"

    private static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }

    /// One of a few words, in upper or lower case.
    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ place: Place<Value>
    ) -> Self {
        let range = Value.allCases.map(\.rawValue).joined(separator: ", ")
        let values = [String: Value](Value.allCases.map { ($0.rawValue, $0) }) { first, _ in first }
        return Self(range: range, rule: "must be one of \(range)", place: place) { text in
            values[text.lowercased()]
        }
    }

    static func count(_ range: ClosedRange<Int>, _ place: Place<Int>) -> Self {
        let words = words(range)
        return Self(range: words, rule: "must be a number from \(words)", place: place) { text in
            number(text, range)
        }
    }

    /// One whose default the start finds.
    static func count(_ range: ClosedRange<Int>, _ place: Place<Int?>) -> Self {
        let words = words(range)
        return Self(range: words, rule: "must be a number from \(words)", emptyPlace: place) {
            number($0, range)
        }
    }

    /// From 1 ms to a day.
    static func time(_ place: Place<Duration>) -> Self {
        let range = "1ms to 24h"
        let rule = "must be a time from \(range), such as 2 (seconds), 500ms, 90s or 1h30m"
        return Self(range: range, rule: rule, place: place) { text in
            guard let seconds = Quantity.seconds(text), (0.001...86_400).contains(seconds) else {
                return nil
            }
            return .microseconds(Int64(seconds * 1_000_000))
        }
    }

    /// In bytes; one whose default the start finds.
    static func size(atLeast minimum: Int, _ place: Place<Int?>) -> Self {
        let range = "at least \(minimum >> 20)M"
        let rule = "must be a size of \(range), such as 512M, 512Mi or 1.5G"
        return Self(range: range, rule: rule, emptyPlace: place) { text in
            // 2^58 is more than any machine has, and leaves room to add.
            guard let bytes = Quantity.bytes(text), (minimum...1 << 58).contains(bytes) else {
                return nil
            }
            return bytes
        }
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        "\(range.lowerBound) to \(range.upperBound)"
    }

    private static func number(_ text: String, _ range: ClosedRange<Int>) -> Int? {
        Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
}
