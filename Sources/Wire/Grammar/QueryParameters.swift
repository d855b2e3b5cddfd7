/// The parameters of a query, `name=value` with `&` between them, in order, not decoded. Empty ones are
/// passed over.
package struct QueryParameters: Sequence, IteratorProtocol {
    private let query: UnsafeRawBufferPointer
    private var position = 0

    /// - Parameter query: What stands behind the `?` of a target.
    package init(_ query: UnsafeRawBufferPointer) {
        self.query = query
    }

    package mutating func next() -> QueryParameter? {
        while position < query.count {
            let rest = query.slice(position..<query.count)
            let length = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.count
            position += length + 1
            if length > 0 { return QueryParameter(rest.slice(0..<length)) }
        }
        return nil
    }
}

/// One of them.
package struct QueryParameter {
    private let name: UnsafeRawBufferPointer
    private let value: UnsafeRawBufferPointer

    fileprivate init(_ text: UnsafeRawBufferPointer) {
        let end = text.firstIndex(of: UInt8(ascii: "=")) ?? text.count
        name = text.slice(0..<end)
        value = text.slice(min(end + 1, text.count)..<text.count)
    }

    /// Whether it has that name, decoded.
    package func isNamed(_ other: StaticString) -> Bool {
        if name.equals(other) { return true }
        guard PercentEncoding.isEncoded(name) else { return false }
        return Self.withDecoded(name) { $0?.equals(other) ?? false }
    }

    /// Gives the value, decoded, to `body`: nil where that is malformed, or longer than ``maximumBytes``.
    package func withValue<R, Failure: Error>(
        _ body: (UnsafeRawBufferPointer?) throws(Failure) -> R
    ) throws(Failure) -> R {
        guard PercentEncoding.isEncoded(value) else {
            return try body(value.count <= Self.maximumBytes ? value : nil)
        }
        return try Self.withDecoded(value, body)
    }

    /// No value that means anything is longer: 256.
    package static let maximumBytes = 256

    private static func withDecoded<R, Failure: Error>(
        _ text: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer?) throws(Failure) -> R
    ) throws(Failure) -> R {
        var decoded = InlineArray<256, UInt8>(repeating: 0)
        var span = decoded.mutableSpan
        return try span.withUnsafeMutableBytes { buffer throws(Failure) in
            guard let count = try? PercentEncoding.decode(text, into: buffer),
                count <= buffer.count
            else { return try body(nil) }
            return try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
