/// Where a value stands in a request body, and how it is written there.
///
/// It points into the body: it must not outlive it. The decoder that made it has checked it, so
/// that nothing can go wrong any more when it is decoded.
struct EncodedValue {
    enum Encoding: Equatable {
        /// The bytes are the value.
        case verbatim
        /// `+` for a space, and percent-escapes.
        case form
        /// The inside of a JSON string.
        case json
    }

    let bytes: UnsafeRawBufferPointer
    let encoding: Encoding

    /// The value's size in bytes once decoded.
    let decodedCount: Int

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
    func decode(into output: UnsafeMutableRawBufferPointer) {
        switch encoding {
        case .verbatim: output.copyMemory(from: bytes)
        case .form: FormDecoder.decode(bytes, into: output)
        case .json: _ = JSONString.unescape(validated: bytes, into: output)
        }
    }
}
