import EventHTTP
import KVSStore
import Wire

/// What a request for a key asks for.
struct OperationDecoder: ~Copyable {
    private var scratch = ScratchBuffer()

    /// - Parameter segment: See ``Route/key(_:)``.
    /// - Throws: What the client has to change.
    mutating func operation(
        of request: borrowing HTTPRequest,
        key segment: UnsafeRawBufferPointer
    ) throws(APIError) -> Operation {
        let key = try Key(pathSegment: segment)
        switch request.method {
        case .put: return .write(try item(in: request, for: key))
        case .delete: return .remove(key)
        default: return .read(key)
        }
    }

    /// The item that a PUT asks to store.
    private mutating func item(
        in request: borrowing HTTPRequest,
        for key: Key
    ) throws(APIError) -> Item {
        guard Self.isUnencoded(request) else { throw .unsupportedContentEncoding }
        // RFC 9110 §14.5: who takes a part for the whole loses the rest.
        guard request.field(.contentRange) == nil else { throw .partialContent }
        let contentType = try Self.contentType(of: request)
        let item = try request.withBody { body throws(APIError) in
            try ValueDecoder.withValue(in: body, contentType: contentType, scratch: &scratch) {
                Item.make(key: key, value: $0)
            }
        }
        guard let item = item ?? nil else { throw .outOfMemory }
        return item
    }

    /// Whether no `Content-Encoding` field names a coding (RFC 9110 §8.4).
    private static func isUnencoded(_ request: borrowing HTTPRequest) -> Bool {
        var isUnencoded = true
        request.forEachField(.contentEncoding) { codings in
            for coding in ListMembers(codings) where !coding.equalsIgnoringCase("identity") {
                isUnencoded = false
            }
        }
        return isUnencoded
    }

    /// The value of `Content-Type`, which is no list: which of two different ones is meant, only the
    /// client knows.
    private static func contentType(
        of request: borrowing HTTPRequest
    ) throws(APIError) -> UnsafeRawBufferPointer? {
        var contentType: UnsafeRawBufferPointer?
        var isUnique = true
        request.forEachField(.contentType) { value in
            if let contentType, !contentType.elementsEqual(value) { isUnique = false }
            contentType = value
        }
        guard isUnique else { throw .contentTypeRepeated }
        return contentType
    }
}
