/// A name for one state of a resource (RFC 9110 §8.8.3).
package struct EntityTag {
    /// Whether it stands for several states that are alike (`W/"…"`).
    package let isWeak: Bool
    /// What stands between the quotes.
    package let opaque: UnsafeRawBufferPointer
}

/// What all `If-Match` fields of a request, or all its `If-None-Match` fields, ask for (RFC 9110 §13.1.1,
/// §13.1.2): `*`, or a list of tags.
package struct EntityTagCondition {
    /// The fields are neither.
    package struct Malformed: Error {}

    /// Whether it is `*`.
    package private(set) var isAny = false
    private var hasTags = false

    package init() {}

    /// Reads one field's value, and gives its tags to `body`, in order. All fields together are one list;
    /// its empty members mean nothing (RFC 9110 §5.6.1.2).
    package mutating func add(
        _ value: UnsafeRawBufferPointer,
        _ body: (EntityTag) -> Void
    ) throws(Malformed) {
        var rest = value.trimmingWhitespace
        while !rest.isEmpty {
            if rest[0] != UInt8(ascii: ",") {
                let member: Int
                if rest[0] == UInt8(ascii: "*") {
                    guard !isAny, !hasTags else { throw Malformed() }
                    isAny = true
                    member = 1
                } else {
                    guard !isAny, let (tag, count) = Self.tag(at: rest) else { throw Malformed() }
                    hasTags = true
                    body(tag)
                    member = count
                }
                rest = rest.slice(member..<rest.count).trimmingWhitespace
                guard !rest.isEmpty else { return }
                guard rest[0] == UInt8(ascii: ",") else { throw Malformed() }
            }
            rest = rest.slice(1..<rest.count).trimmingWhitespace
        }
    }

    /// The tag that `text` begins with, and the bytes that it takes.
    private static func tag(at text: UnsafeRawBufferPointer) -> (EntityTag, Int)? {
        // `W` counts in upper case only.
        let isWeak = text.count > 1 && text.slice(0..<2).equals("W/")
        let start = isWeak ? 2 : 0
        guard start < text.count, text[start] == UInt8(ascii: "\"") else { return nil }
        let inner = text.slice((start + 1)..<text.count)
        guard let end = inner.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        let opaque = inner.slice(0..<end)
        // etagc: visible characters but the quote, and bytes above ASCII.
        guard opaque.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return nil }
        return (EntityTag(isWeak: isWeak, opaque: opaque), start + end + 2)
    }
}
