/// Gets the value out of the body of a PUT, in whichever form it came.
///
/// | Content-Type | the value is |
/// | --- | --- |
/// | none, empty, `application/x-www-form-urlencoded` | the form field `val` |
/// | `multipart/form-data` | the part named `val` |
/// | `application/json` | the string field `val` of the object |
/// | any other | the whole body, of 0 bytes too |
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
        guard let value = try locate(in: body, contentType: contentType) else {
            throw .valueMissing
        }
        guard value.decodedCount <= maxBytes else { throw .valueTooLarge }
        if value.encoding == .verbatim { return try use(value.bytes) }
        defer { scratch.trim() }
        let decoded = try scratch.reserve(value.decodedCount)
        value.decode(into: decoded)
        return try use(UnsafeRawBufferPointer(decoded))
    }

    private static func locate(
        in body: UnsafeRawBufferPointer,
        contentType: UnsafeRawBufferPointer?
    ) throws(APIError) -> EncodedValue? {
        switch contentType.map(MediaType.init) ?? .form {
        case .form:
            return try FormDecoder.value(in: body)
        case .multipart(let boundary):
            guard let boundary else { throw .malformedMultipart(.noUsableBoundary) }
            return try MultipartDecoder.value(in: body, boundary: boundary)
        case .json:
            return try JSONObjectDecoder.value(in: body)
        case .other:
            return EncodedValue(verbatim: body)
        }
    }
}
