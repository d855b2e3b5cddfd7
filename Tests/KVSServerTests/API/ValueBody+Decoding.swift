import TestSupport

@testable import KVSServer
@testable import KVSStore

extension ValueBody {
    /// Returns the value that ``ValueDecoder`` gets out of this body.
    func decoded(maxBytes: Int = Item.maxRawValueBytes) throws(APIError) -> [UInt8] {
        try withDecoded(maxBytes: maxBytes) { (_, value) in Array(value) }
    }

    /// Passes the body as it was given to ``ValueDecoder``, and the value it got out of that.
    func withDecoded<R>(
        maxBytes: Int = Item.maxRawValueBytes,
        _ use: (_ body: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> R
    ) throws(APIError) -> R {
        try withExactBytes(bytes) { (body) throws(APIError) in
            guard let contentType else {
                return try Self.decode(body, nil, maxBytes, use)
            }
            return try withExactBytes([UInt8](contentType)) { (header) throws(APIError) in
                try Self.decode(body, header, maxBytes, use)
            }
        }
    }

    private static func decode<R>(
        _ body: UnsafeRawBufferPointer,
        _ contentType: UnsafeRawBufferPointer?,
        _ maxBytes: Int,
        _ use: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> R
    ) throws(APIError) -> R {
        var scratch = ScratchBuffer()
        return try ValueDecoder.withValue(
            in: body,
            contentType: contentType,
            maxBytes: maxBytes,
            scratch: &scratch
        ) { (value) throws(APIError) in use(body, value) }
    }
}

/// Returns the text of the value in a body, or the error.
func decodedText(_ body: String, contentType: String?) -> Result<String, APIError> {
    Result { () throws(APIError) in
        let body = ValueBody(contentType: contentType, bytes: [UInt8](body))
        return String(decoding: try body.decoded(), as: UTF8.self)
    }
}
