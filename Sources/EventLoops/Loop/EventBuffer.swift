public import CLibevent
import Glibc

/// libevent's buffered socket, of which evhttp wants one for each connection.
package typealias Bufferevent = UnsafeMutablePointer<bufferevent>

/// A view of an `evbuffer`, which somebody else owns. For use on the loop's thread.
///
/// What adds to it returns false where there is no memory; the buffer is then as it was.
@usableFromInline
package struct EventBuffer {
    @usableFromInline package let pointer: OpaquePointer

    @inlinable package init(pointer: OpaquePointer) { self.pointer = pointer }

    /// A new one, which belongs to who asks for it, until ``free()``; nil where there is no memory.
    package static func make() -> EventBuffer? { evbuffer_new().map { EventBuffer(pointer: $0) } }

    /// Ends it, with what is in it.
    package func free() { evbuffer_free(pointer) }

    /// The bytes in the buffer.
    @inlinable package var count: Int { evbuffer_get_length(pointer) }

    @inlinable package var isEmpty: Bool { count == 0 }

    /// Copies `bytes` to the end.
    @inlinable
    package func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return true }
        return evbuffer_add(pointer, start, bytes.count) == 0
    }

    /// Copies a literal to the end.
    @inlinable
    package func append(_ literal: StaticString) -> Bool {
        evbuffer_add(pointer, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }

    /// Copies a text, as UTF-8, to the end.
    package func append(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds `count` bytes to the end, which `write` fills in, all of them.
    package func append(count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        guard count > 0 else { return true }
        var space = iovec()
        guard evbuffer_reserve_space(pointer, count, &space, 1) == 1 else { return false }
        write(UnsafeMutableRawBufferPointer(start: space.iov_base, count: count))
        space.iov_len = count
        return evbuffer_commit_space(pointer, &space, 1) == 0
    }

    /// Adds `bytes` to the end without copying them.
    ///
    /// - Parameters:
    ///   - bytes: Stay where they are as long as `owner` lives.
    ///   - owner: Kept until the last byte has been written, or the buffer has gone.
    package func append(referencing bytes: UnsafeRawBufferPointer, ownedBy owner: AnyObject) -> Bool
    {
        // Safe: released exactly once, by the clean-up callback, which libevent calls exactly once.
        let retained = Unmanaged.passRetained(owner)
        let added = evbuffer_add_reference(
            pointer,
            bytes.baseAddress,
            bytes.count,
            { _, _, owner in
                // Safe: balances passRetained above.
                Unmanaged<AnyObject>.fromOpaque(owner!).release()
            },
            retained.toOpaque()
        )
        if added != 0 { retained.release() }
        return added == 0
    }

    /// Moves everything out of `source` to the end of this buffer; no byte is copied.
    package func moveAll(from source: EventBuffer) -> Bool {
        evbuffer_add_buffer(pointer, source.pointer) == 0
    }

    /// Makes room for `count` bytes more, which can be added without fail then.
    @inlinable
    package func reserve(_ count: Int) -> Bool { evbuffer_expand(pointer, count) == 0 }

    /// Drops everything.
    package func removeAll() {
        evbuffer_drain(pointer, count)
    }

    /// Gives `body` all bytes as one run. Copies only where they lie in several pieces.
    ///
    /// - Returns: nil, and `body` is not called, where there is no memory to copy them to.
    package func withContiguousBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        // An empty buffer has no address either.
        guard !isEmpty else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        guard let start = evbuffer_pullup(pointer, -1) else { return nil }
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }
}
