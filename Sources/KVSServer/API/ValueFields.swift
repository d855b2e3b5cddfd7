import Basics
import EventHTTP
import KVSStore
import Wire

/// The form in which a value leaves, which has its own entity tag (RFC 9110 §8.8.3).
enum ValueForm {
    /// The contract's envelope. Its tag is the content's in hexadecimal: what `xxh128sum` says of the value.
    case json
    /// The bytes as they came.
    case octetStream
}

extension ContentTag {
    /// The content that a tag of ours names, and in which form; nil for another's tag.
    static func named(by tag: EntityTag) -> (ContentTag, ValueForm)? {
        let text = tag.opaque
        guard text.count >= 32, let high = Hexadecimal.number(text.slice(0..<16)),
            let low = Hexadecimal.number(text.slice(16..<32))
        else { return nil }
        let tag = ContentTag(high: high, low: low)
        if text.count == 32 { return (tag, .json) }
        let isRaw = text.slice(32..<text.count).equals(ReplyLines.octetStreamSuffix)
        return isRaw ? (tag, .octetStream) : nil
    }
}

/// What replies say of a value: which one it is (`ETag`), and how long it stays (`KVS-TTL`).
extension ReplyLines {
    fileprivate static var octetStreamSuffix: StaticString { "-raw" }

    mutating func write(_ tag: ContentTag, form: ValueForm) {
        write("\r\nETag: \"")
        write(characters: Hexadecimal.digits(of: tag.high))
        write(characters: Hexadecimal.digits(of: tag.low))
        if form == .octetStream { write(Self.octetStreamSuffix) }
        write("\"")
    }

    mutating func write(_ item: Item, form: ValueForm) {
        write(item.tag, form: form)
        guard let deadline = item.deadline else { return }
        begin("KVS-TTL")
        // Rounded up: it is there now.
        let left = (deadline - .now).nanoseconds
        write(number: max(1, (left + 999_999_999) / 1_000_000_000))
    }
}
