import TestSupport

@testable import Wire

extension ValueBody {
    /// Returns the value that is found in this body; nil where there is none.
    func decoded() throws(ValueFault) -> [UInt8]? {
        try withFound { (_, found) in
            found.map { found in
                [UInt8](unsafeUninitializedCapacity: found.decodedCount) { room, count in
                    found.decode(into: UnsafeMutableRawBufferPointer(room))
                    count = found.decodedCount
                }
            }
        }
    }

    /// Passes the body as it was given to the decoders, and what they found in it.
    func withFound<R>(
        _ use: (_ body: UnsafeRawBufferPointer, _ found: EncodedValue?) -> R
    ) throws(ValueFault) -> R {
        try withExactBytes(bytes) { (body) throws(ValueFault) in
            guard let contentType else {
                return use(body, try EncodedValue.find(in: body, contentType: nil))
            }
            return try withExactBytes([UInt8](contentType)) { (header) throws(ValueFault) in
                use(body, try EncodedValue.find(in: body, contentType: header))
            }
        }
    }
}

/// Returns the text of the value in a body, nil where there is none; or what is wrong.
func decodedText(_ body: String, contentType: String?) -> Result<String?, ValueFault> {
    Result { () throws(ValueFault) in
        let body = ValueBody(contentType: contentType, bytes: [UInt8](body))
        return try body.decoded().map { String(decoding: $0, as: UTF8.self) }
    }
}
