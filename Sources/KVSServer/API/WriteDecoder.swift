import Basics
import EventHTTP
import KVSStore
import Wire

/// What a PUT or a DELETE asks for.
struct WriteDecoder: ~Copyable {
    private var scratch = ScratchBuffer()

    /// - Parameters: See ``Route/key(_:query:)``.
    /// - Throws: What the client has to change.
    mutating func write(
        of request: borrowing HTTPRequest,
        key segment: UnsafeRawBufferPointer,
        query: UnsafeRawBufferPointer
    ) throws(APIError) -> Operation {
        guard request.method == .put else {
            let key = try Key(pathSegment: segment)
            return .remove(key, try PreconditionDecoder.precondition(of: request, for: nil))
        }
        let item = try item(in: request, key: segment, query: query)
        return .write(item, try PreconditionDecoder.precondition(of: request, for: nil))
    }

    /// What `ttl` says; nil where it is not there. Other parameters mean nothing.
    private static func timeToLive(in query: UnsafeRawBufferPointer) throws(APIError) -> TimeSpan? {
        var timeToLive: TimeSpan?
        for parameter in QueryParameters(query) where parameter.isNamed("ttl") {
            guard timeToLive == nil,
                let seconds = parameter.withValue({ $0?.decimalNumber }),
                (1...4_294_967_295).contains(seconds)
            else { throw .invalidTimeToLive }
            timeToLive = .seconds(Int64(seconds))
        }
        return timeToLive
    }

    /// The item that a PUT asks to store.
    private mutating func item(
        in request: borrowing HTTPRequest,
        key segment: UnsafeRawBufferPointer,
        query: UnsafeRawBufferPointer
    ) throws(APIError) -> Item {
        let key = try Key(pathSegment: segment)
        let timeToLive = try Self.timeToLive(in: query)
        guard Self.isUnencoded(request) else { throw .unsupportedContentEncoding }
        // RFC 9110 §14.5: who takes a part for the whole loses the rest.
        guard request.field(.contentRange) == nil else { throw .partialContent }
        let contentType = try Self.contentType(of: request)
        let item = try request.withBody { body throws(APIError) in
            try ValueDecoder.withValue(in: body, contentType: contentType, scratch: &scratch) {
                Item.make(key: key, value: $0, deadline: timeToLive.map { .now + $0 })
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
