import EventLoops

/// Replies, and interim ones of the guard's own, on their way to one client. For use on the loop's thread.
struct ReplyQueue: ~Copyable {
    private var buffer: EventBuffer?
    /// The size of all replies since everything had gone for the last time: a buffer keeps what it was lent,
    /// a large value or another server's body, whole until its last byte has gone.
    var heldBytes = 0

    deinit { if let buffer { buffer.free() } }

    var isEmpty: Bool { buffer == nil }

    /// The bytes that wait.
    var count: Int { buffer?.count ?? 0 }

    /// What waits; nil where nothing does, or there is no memory for it.
    mutating func waiting() -> EventBuffer? {
        if buffer == nil { buffer = EventBuffer.make() }
        return buffer
    }

    /// Puts a text at the end.
    ///
    /// - Returns: False where there is no memory for it. What waits is then as it was.
    mutating func append(_ text: String) -> Bool {
        let wasEmpty = isEmpty
        if let buffer = waiting(), buffer.append(text) { return true }
        if wasEmpty { removeAll() }
        return false
    }

    /// Moves what is in `output` to the end; no byte is copied. Large values stay where they are.
    ///
    /// - Returns: False where there is no memory for it.
    mutating func append(movingAll output: EventBuffer) -> Bool {
        waiting()?.moveAll(from: output) ?? false
    }

    /// Everything has gone, or is lost.
    mutating func removeAll() {
        if let buffer { buffer.free() }
        buffer = nil
        heldBytes = 0
    }
}
