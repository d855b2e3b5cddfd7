/// Where a value stands in a request body, and how it is written there.
///
/// It points into the body: it must not outlive it. The decoder that made it has checked it, so
/// that nothing can go wrong any more when it is decoded.
package struct EncodedValue {
    package enum Encoding: Equatable {
        /// The bytes are the value.
        case verbatim
        /// `+` for a space, and percent-escapes.
        case form
        /// The inside of a JSON string.
        case json
    }

    package let bytes: UnsafeRawBufferPointer
    package let encoding: Encoding

    /// The value's size in bytes once decoded.
    package let decodedCount: Int

    init(bytes: UnsafeRawBufferPointer, encoding: Encoding, decodedCount: Int) {
        self.bytes = bytes
        self.encoding = encoding
        self.decodedCount = decodedCount
    }

    init(verbatim bytes: UnsafeRawBufferPointer) {
        self.init(bytes: bytes, encoding: .verbatim, decodedCount: bytes.count)
    }

    /// Writes the decoded value to `output`.
    ///
    /// - Precondition: `output` has room for ``decodedCount`` bytes.
    package func decode(into output: UnsafeMutableRawBufferPointer) {
        switch encoding {
        case .verbatim: output.copyMemory(from: bytes)
        case .form: FormDecoder.decode(bytes, into: output)
        case .json: _ = JSONString.unescape(validated: bytes, into: output)
        }
    }
}

extension EncodedValue {
    /// Finds the value in the body of a PUT, in whichever form it came.
    ///
    /// | Content-Type | the value is |
    /// | --- | --- |
    /// | none, empty, `application/x-www-form-urlencoded` | the form field `val` |
    /// | `multipart/form-data` | the part named `val` |
    /// | `application/json` | the string field `val` of the object |
    /// | any other | the whole body, of 0 bytes too |
    ///
    /// Synchronous; callable from any thread.
    ///
    /// - Parameters:
    ///   - body: The whole body.
    ///   - contentType: The value of the Content-Type header; nil if there is none.
    /// - Returns: nil where the body has no such field.
    /// - Complexity: O(`body.count`). Allocates for multipart.
    package static func find(
        in body: UnsafeRawBufferPointer,
        contentType: UnsafeRawBufferPointer?
    ) throws(ValueFault) -> EncodedValue? {
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
