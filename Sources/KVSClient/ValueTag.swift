import Wire

/// Names the content of a value: the same bytes have the same tag on every server and after every restart, and
/// bytes that differ have different ones.
///
/// It is 128 bits, in text 32 hexadecimal digits in lower case: what `xxh128sum` says of the value.
public struct ValueTag: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    package init(high: UInt64, low: UInt64) {
        (self.high, self.low) = (high, low)
    }

    /// Reads a tag as a server prints it, of either form of a value, with its quotes or without:
    /// `"32 digits"`, `"32 digits-raw"`.
    ///
    /// - Returns: nil for anything else; so for a weak tag, which names no exact content.
    public init?(_ text: String) {
        var text = text
        let tag = text.withUTF8 { Self(UnsafeRawBufferPointer($0)) }
        guard let tag else { return nil }
        self = tag
    }

    /// The same of the value of an `ETag` field, weak or not.
    init?(field value: UnsafeRawBufferPointer) {
        let isWeak = value.starts(with: "W/".utf8)
        self.init(isWeak ? value.slice(2..<value.count) : value)
    }

    private init?(_ text: UnsafeRawBufferPointer) {
        var text = text
        if text.count >= 2, text[0] == 0x22, text[text.count - 1] == 0x22 {
            text = text.slice(1..<(text.count - 1))
        }
        guard text.count >= 32, text.count == 32 || text.slice(32..<text.count).equals("-raw"),
            let high = Hexadecimal.number(text.slice(0..<16)),
            let low = Hexadecimal.number(text.slice(16..<32))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// The 32 digits, without quotes.
    public var description: String {
        let digits = [high, low].map { half in
            let digits = Hexadecimal.digits(of: half)
            return digits.indices.map { digits[$0] }
        }
        return String(decoding: digits.joined(), as: UTF8.self)
    }
}
