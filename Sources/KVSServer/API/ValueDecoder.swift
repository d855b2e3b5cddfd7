import KVSStore
import Wire

/// Gets the value out of the body of a PUT, in whichever form it came
/// (``EncodedValue/find(in:contentType:)``).
enum ValueDecoder {
    /// Passes the value in `body` to `use`.
    ///
    /// The bytes passed are in `body` itself where the value stands there verbatim, else in
    /// `scratch`: they are valid until `use` returns. Synchronous; for the thread that owns
    /// `scratch`.
    ///
    /// - Parameters:
    ///   - body: The whole body.
    ///   - contentType: The value of the Content-Type header; nil if there is none.
    ///   - maxBytes: The limit for the decoded value, itself allowed.
    ///   - scratch: Where to decode. It is trimmed afterwards.
    ///   - use: What to do with the value. It may throw as well.
    /// - Throws: ``APIError/valueMissing``, ``APIError/valueRepeated``, ``APIError/valueTooLarge``,
    ///   ``APIError/outOfMemory``, and the `malformed…` ones of the form that the body has.
    /// - Complexity: O(`body.count`). Allocates for multipart, and where `scratch` has to grow.
    static func withValue<R: ~Copyable>(
        in body: UnsafeRawBufferPointer,
        contentType: UnsafeRawBufferPointer?,
        maxBytes: Int = Item.maxRawValueBytes,
        scratch: inout ScratchBuffer,
        _ use: (UnsafeRawBufferPointer) throws(APIError) -> R
    ) throws(APIError) -> R {
        guard let value = try find(in: body, contentType: contentType) else {
            throw .valueMissing
        }
        guard value.decodedCount <= maxBytes else { throw .valueTooLarge }
        if value.encoding == .verbatim { return try use(value.bytes) }
        defer { scratch.trim() }
        let decoded = try scratch.reserve(value.decodedCount)
        value.decode(into: decoded)
        return try use(UnsafeRawBufferPointer(decoded))
    }

    private static func find(
        in body: UnsafeRawBufferPointer,
        contentType: UnsafeRawBufferPointer?
    ) throws(APIError) -> EncodedValue? {
        do throws(ValueFault) {
            return try EncodedValue.find(in: body, contentType: contentType)
        } catch {
            throw APIError(error)
        }
    }
}

extension APIError {
    /// What is wrong with the body, as the client reads it.
    init(_ fault: ValueFault) {
        self =
            switch fault {
            case .valueRepeated: .valueRepeated
            case .malformedForm(let offset): .malformedForm(offset: offset)
            case .malformedMultipart(let fault): .malformedMultipart(fault)
            case .malformedJSON(let fault, let offset): .malformedJSON(fault, offset: offset)
            case .jsonValueIsNotString: .jsonValueIsNotString
            }
    }
}
