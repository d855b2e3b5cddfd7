import Wire

/// Why a request was not done: everything the API can say other than success.
///
/// Each case knows its HTTP ``status`` and the ``message`` that the client reads in the reply's
/// `error` field. A message says what to do about it, is plain ASCII that needs no JSON escaping, and
/// never holds bytes of the request as they came.
enum APIError: Error, Equatable, Sendable {
    // What the contract names.
    case keyDoesNotExist
    case serviceIsNotAvailable

    // The address and the method.
    case noSuchPath
    /// What may be used instead.
    case methodNotAllowed(use: String)
    case keyEmpty
    /// The key has this many bytes, percent-escapes decoded.
    case keyTooLong(byteCount: Int)
    /// This byte of the key, percent-escapes decoded, is none that a key may have.
    case keyHasIllegalCharacter(UInt8)
    case malformedEscapeInKey

    // The body.
    case valueMissing
    case valueRepeated
    case valueTooLarge
    case unsupportedContentEncoding
    case contentTypeRepeated
    case partialContent
    /// The `val` field of a form has a `%` without two hexadecimal digits, at this offset of the
    /// body.
    case malformedForm(offset: Int)
    case malformedMultipart(MultipartFault)
    /// The body is not a JSON object: what is wrong, and at which offset of the body.
    case malformedJSON(JSONFault, offset: Int)
    case jsonValueIsNotString

    // Preconditions and parameters.
    case preconditionFailed
    case malformedIfMatch
    case malformedIfNoneMatch
    case tooManyEntityTags
    case invalidTimeToLive
    case unknownListParameter
    case listParameterRepeated
    case invalidLimit
    case invalidPrefix
    case unknownCursor

    // The server's own state.
    case outOfMemory
    case forwardingLoop
}

extension APIError {
    /// The HTTP status of the reply.
    var status: HTTPStatus {
        switch self {
        case .keyDoesNotExist, .serviceIsNotAvailable, .noSuchPath: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .keyEmpty, .keyTooLong, .keyHasIllegalCharacter, .malformedEscapeInKey,
            .valueMissing, .valueRepeated, .contentTypeRepeated, .partialContent, .malformedForm,
            .malformedMultipart, .malformedJSON, .jsonValueIsNotString, .malformedIfMatch,
            .malformedIfNoneMatch, .tooManyEntityTags, .invalidTimeToLive, .unknownListParameter,
            .listParameterRepeated, .invalidLimit, .invalidPrefix, .unknownCursor:
            .badRequest
        case .preconditionFailed: .preconditionFailed
        case .valueTooLarge: .contentTooLarge
        case .unsupportedContentEncoding: .unsupportedMediaType
        case .outOfMemory: .insufficientStorage
        case .forwardingLoop: .loopDetected
        }
    }

    /// What the client reads.
    var message: String {
        switch self {
        case .keyDoesNotExist: "key does not exist"
        case .serviceIsNotAvailable: "service is not available"
        case .noSuchPath: "no such path: a value is at /kvs/ and its key, for example /kvs/foo"
        case .methodNotAllowed(let methods): "method not allowed: use \(methods)"
        case .keyEmpty: "key is empty: \(Self.keyRule)"
        case .keyTooLong(let byteCount): "key is too long (\(byteCount) bytes): \(Self.keyRule)"
        case .keyHasIllegalCharacter(let byte):
            "key has an illegal character (byte 0x\(Self.hex(byte))): \(Self.keyRule)"
        case .malformedEscapeInKey:
            "key has a malformed percent-escape: % must be followed by two hexadecimal digits"
        case .valueMissing:
            """
            no value: send one as a form field (curl -d val=bart), as a multipart field \
            (curl -F val=bart), as the string field val of a JSON object \
            (Content-Type: application/json) or as the raw body \
            (Content-Type: application/octet-stream)
            """
        case .valueRepeated: "more than one value: send one field named val"
        case .valueTooLarge: "value is too large: the limit is 1572864 bytes"
        case .unsupportedContentEncoding:
            "unsupported Content-Encoding: send the body without one, or with identity"
        case .contentTypeRepeated:
            "more than one Content-Type: send one that says what the body is"
        case .partialContent:
            "Content-Range is not supported: send the whole value"
        case .malformedForm(let offset):
            """
            malformed form: the % at offset \(offset) must be followed by two hexadecimal digits; \
            to send raw bytes use Content-Type: application/octet-stream
            """
        case .malformedMultipart(let fault): "malformed multipart body: \(fault.text)"
        case .malformedJSON(let fault, let offset):
            "malformed JSON at offset \(offset): \(fault.text)"
        case .jsonValueIsNotString: "the field val of the JSON object must be a string"
        case .preconditionFailed: "precondition failed"
        case .malformedIfMatch: "malformed If-Match: \(Self.entityTagRule)"
        case .malformedIfNoneMatch: "malformed If-None-Match: \(Self.entityTagRule)"
        case .tooManyEntityTags:
            "too many entity tags: If-Match and If-None-Match take \(PreconditionDecoder.maximumTags) each"
        case .invalidTimeToLive: "ttl must be one number of seconds from 1 to 4294967295"
        case .unknownListParameter:
            "unknown query parameter: a list takes prefix, limit and cursor"
        case .listParameterRepeated: "a query parameter is there more than once"
        case .invalidLimit: "limit must be a number from 1 to 10000"
        case .invalidPrefix:
            "prefix must be the beginning of a key: up to 250 of A-Z, a-z, 0-9 and _"
        case .unknownCursor:
            """
            unknown cursor: it is of another server's list, or of one before a restart; \
            begin again without one
            """
        case .outOfMemory: "out of memory: delete keys to make room"
        case .forwardingLoop: "forwarding loop"
        }
    }

    private static let entityTagRule =
        "expected * or a list of entity tags, each in double quotes"
    private static let keyRule = "a key is 1 to 250 of A-Z, a-z, 0-9 and _"

    private static func hex(_ byte: UInt8) -> String {
        String(decoding: [(byte >> 4).lowHexDigit, byte.lowHexDigit], as: UTF8.self)
    }
}
