import Testing

/// The ways in which a main fails, as its peer sees them. Each is named by what the table prints.
enum FaultShape: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case refused = "refused: nothing listens"
    case unreachable = "connect is never answered (full backlog)"
    case silent = "request read, no answer"
    case stopped = "kvs main under SIGSTOP"
    case resetAtOnce = "reset at once, nothing read"
    case resetAfterHead = "reset after the request's head"
    case resetInReplyHead = "reset in the reply's head"
    case resetInBody = "reset in the reply's body"
    case closedBeforeReply = "EOF before the reply"
    case closedInReplyHead = "EOF in the reply's head"
    case closedInBody = "EOF in the reply's body"
    case garbage = "garbage"
    case plainText = "HTTP/0.9: text without a head"
    case switchingProtocols = "101 Switching Protocols"
    case hugeLength = "Content-Length beyond any value"
    case endlessBody = "chunked body without end"
    case endlessHead = "reply head without end"
    case dripping = "one byte each 200 ms"
    case noLength = "reply without a length, then EOF"
    case badLength = "Content-Length: 0x10"
    case twoLengths = "two Content-Length that differ"
    case lengthAndChunked = "Content-Length and chunked"
    case unknownCoding = "Transfer-Encoding: gzip, then EOF"
    case tabbedCoding = "Transfer-Encoding:<tab>chunked, then EOF"
    case truncatedChunks = "EOF between two chunks"
    case badChunkSize = "chunk size that is no number"
    case twoReplies = "two replies to one request"
    case noticeOnIdle = "408 on the idle connection, then EOF"
    case strayReplyOnIdle = "a reply on the idle connection"

    var testDescription: String { rawValue }

    /// What a client of the forwarder must be told.
    enum Expectation: Sendable {
        /// The contract's 404.
        case unavailable
        /// The main's answer to this very request.
        case answered
        /// One of both.
        case either
    }

    var expectation: Expectation {
        switch self {
        case .noticeOnIdle, .strayReplyOnIdle: .answered
        case .twoReplies, .tabbedCoding: .either
        default: .unavailable
        }
    }

    /// Whether nothing but the passing of time tells that the main fails.
    var showsOnlyInTime: Bool {
        [.unreachable, .silent, .stopped, .dripping].contains(self)
    }

    /// What `KVS-Outcome` may say of a failed write and be true.
    var truthfulOutcomes: Set<String> {
        switch self {
        case .refused, .unreachable: ["not-sent"]
        // Whether a byte had left when the reset came is the forwarder's to know.
        case .resetAtOnce: ["not-sent", "unknown"]
        default: ["unknown"]
        }
    }
}
