import Basics
import EventLoops
import Wire

/// One call of a ``KVSClient``, from its beginning until somebody has been told how it ended.
///
/// Made by any thread; from then on for use on the loop's thread only.
final class ClientCall: @unchecked Sendable {
    // Safe: handed to the loop's thread once, and used there only.

    typealias Continuation = CheckedContinuation<Result<ClientReply, KVSClientError>, Never>

    let method: HTTPMethod
    let target: String
    let condition: Condition?
    private let value: [UInt8]?
    private var continuation: Continuation?
    /// When the reply is due.
    var deadline = MonotonicTime.distantFuture
    /// How often it was sent, or about to be.
    var attempts = 0
    /// How many addresses have taken no connection for it.
    var failedAddresses = 0
    /// Behind the last of those: where to connect next; nil where any address will do.
    var nextAddress: Int?
    /// Whether bytes of it have left.
    var hasLeft = false

    init(
        _ method: HTTPMethod,
        target: String,
        value: [UInt8]?,
        condition: Condition?,
        _ continuation: Continuation
    ) {
        self.method = method
        self.target = target
        self.value = value
        self.condition = condition
        self.continuation = continuation
    }

    var isWrite: Bool { method != .get }

    var isOver: Bool { continuation == nil }

    /// The value to send, in a buffer that belongs to who asks; nil where there is none.
    ///
    /// - Throws: ``KVSClientError/system(_:)`` where there is no memory for it.
    func makeBody() throws(KVSClientError) -> EventBuffer? {
        guard let value else { return nil }
        guard let buffer = EventBuffer.make() else { throw .system("no memory") }
        guard value.withUnsafeBytes({ buffer.append($0) }) else {
            buffer.free()
            throw .system("no memory")
        }
        return buffer
    }

    /// Tells how it ended. Only the first end counts.
    func end(_ result: Result<ClientReply, KVSClientError>) {
        continuation.take()?.resume(returning: result)
    }
}
