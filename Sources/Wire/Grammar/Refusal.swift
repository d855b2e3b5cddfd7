/// Why the guard answers a request itself and closes its connection.
package enum Refusal: UInt8, Error, Sendable, CaseIterable {
    case malformedRequestLine
    case versionNotSupported
    case malformedTarget
    case targetTooLong
    case headTooLarge
    case tooManyFields
    case tooManyConnectionOptions
    case connectNotImplemented
    case bareLineFeed
    case methodTooLong
    case foldedField
    case malformedField
    case malformedHost
    case hostNotUnique
    case malformedContentLength
    case conflictingFraming
    case repeatedTransferEncoding
    case transferEncodingInOldVersion
    case unknownTransferCoding
    case expectationFailed
    case bodyTooLarge
    case malformedChunk
    case serverIsFull
    case requestTimedOut
}

extension Refusal {
    /// The status of the reply.
    package var status: HTTPStatus {
        switch self {
        case .malformedRequestLine, .malformedTarget, .tooManyConnectionOptions, .bareLineFeed,
            .foldedField, .malformedField, .malformedHost, .hostNotUnique, .malformedContentLength,
            .conflictingFraming, .repeatedTransferEncoding, .transferEncodingInOldVersion,
            .malformedChunk:
            .badRequest
        case .versionNotSupported: .versionNotSupported
        case .targetTooLong: .uriTooLong
        case .headTooLarge, .tooManyFields: .fieldsTooLarge
        case .connectNotImplemented, .methodTooLong, .unknownTransferCoding: .notImplemented
        case .expectationFailed: .expectationFailed
        case .bodyTooLarge: .contentTooLarge
        case .serverIsFull: .serviceUnavailable
        case .requestTimedOut: .requestTimeout
        }
    }
}
