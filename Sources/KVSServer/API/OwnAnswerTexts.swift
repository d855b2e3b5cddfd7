import EventHTTP
import EventLoops
import Wire

/// What the server says where it answers by itself.
struct OwnAnswerTexts: OwnAnswers {
    func body(of answer: OwnAnswer) -> String {
        switch answer {
        case .refusal(let refusal): ErrorBody.text(refusal.message)
        case .overdue: ErrorBody.text("the request was not answered in time")
        case .droppedRequest: ErrorBody.text("internal error")
        }
    }
}

extension Refusal {
    /// What the client reads. ASCII that needs no escaping in JSON.
    var message: String {
        switch self {
        case .malformedRequestLine:
            "malformed request line: expected METHOD SP target SP HTTP/1.1 CRLF"
        case .versionNotSupported: "this server speaks HTTP/1.1 and HTTP/1.0"
        case .malformedTarget:
            "malformed request target: expected a path of visible ASCII with one slash in front, such as /kvs/key"
        case .targetTooLong: "the request target is too long"
        case .headTooLarge: "the header block is too large"
        case .tooManyFields: "too many header fields"
        case .tooManyConnectionOptions: "the Connection fields name too many options: 64 at most"
        case .connectNotImplemented: "this server is no proxy"
        case .bareLineFeed: "lines of the header block must end in CRLF"
        case .methodTooLong: "the request method is not implemented"
        case .foldedField: "a header field must not go on in the next line"
        case .malformedField: "malformed header field: expected name, colon, value"
        case .malformedHost: "malformed Host field"
        case .hostNotUnique: "exactly one Host field is required"
        case .malformedContentLength: "Content-Length must be one field of digits only"
        case .conflictingFraming: "Content-Length and Transfer-Encoding exclude each other"
        case .repeatedTransferEncoding: "Transfer-Encoding must be one field"
        case .transferEncodingInOldVersion: "Transfer-Encoding needs HTTP/1.1"
        case .unknownTransferCoding: "the only transfer coding supported is chunked"
        case .expectationFailed: "the only expectation supported is 100-continue"
        case .bodyTooLarge: "the request body is too large: a value has at most 1572864 bytes"
        case .malformedChunk: "malformed chunked body"
        case .serverIsFull: "the server holds too much for other clients: try again"
        case .requestTimedOut: "the request did not arrive whole in time"
        }
    }
}
