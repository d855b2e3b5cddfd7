import EventLoops
import Wire

/// The request that is being read or answered: its head and what came behind it in a ``RequestReader``, and
/// its body where that means something. For use on the loop's thread.
struct RequestIntake: ~Copyable {
    // Safe: one entry at a time, and no access lasts while a handler is called.
    var reader: RequestReader
    /// The body, of a method whose body means something; nil where none has come.
    private(set) var body: EventBuffer?

    init(limits: RequestReader.Limits) { reader = RequestReader(limits: limits) }

    deinit { if let body { body.free() } }

    /// The bytes that are there.
    var heldBytes: Int { reader.heldBytes + (body?.count ?? 0) }

    /// Whether more of a body is to come than goes through the loop's buffer.
    ///
    /// - Parameter count: What may go through that, in bytes.
    func isLargeBody(beyond count: Int) -> Bool {
        guard let remaining = reader.remainingContent else { return false }
        return remaining > count
    }

    /// Takes bytes that have come.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(Refusal) -> RequestReader.Step {
        var body = body
        defer { self.body = body }
        return try reader.take(bytes) { piece throws(Refusal) in
            guard try Self.buffer(&body).append(piece) else { throw .serverIsFull }
        }
    }

    /// Takes bytes that were kept.
    mutating func takeBacklog() throws(Refusal) -> RequestReader.Step {
        var body = body
        defer { self.body = body }
        return try reader.takeBacklog { piece throws(Refusal) in
            guard try Self.buffer(&body).append(piece) else { throw .serverIsFull }
        }
    }

    /// Where the body is collected.
    mutating func bodyBuffer() throws(Refusal) -> EventBuffer { try Self.buffer(&body) }

    private static func buffer(_ body: inout EventBuffer?) throws(Refusal) -> EventBuffer {
        if let body { return body }
        guard let buffer = EventBuffer.make() else { throw .serverIsFull }
        body = buffer
        return buffer
    }

    /// Nobody asks for the body any more.
    mutating func dropBody() {
        if let body { body.free() }
        body = nil
    }

    /// The request is answered, or goes unanswered: nobody asks for it any more.
    mutating func finish() {
        reader.finish()
        dropBody()
    }

    /// Forgets everything.
    mutating func removeAll() {
        reader.removeAll()
        finish()
    }
}
