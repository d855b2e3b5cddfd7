import CLibevent
import Glibc

/// A view of an `evbuffer`, which somebody else owns. For use on the loop's thread.
struct EventBuffer {
    let pointer: OpaquePointer

    /// The bytes in the buffer.
    var count: Int { evbuffer_get_length(pointer) }

    var isEmpty: Bool { count == 0 }

    /// Copies `bytes` to the end.
    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        evbuffer_add(pointer, start, bytes.count)
    }

    /// Copies a literal to the end.
    func append(_ literal: StaticString) {
        evbuffer_add(pointer, literal.utf8Start, literal.utf8CodeUnitCount)
    }

    /// Copies a text, as UTF-8, to the end.
    func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Adds `count` bytes to the end, which `write` fills in, all of them.
    func append(count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        var space = iovec()
        guard count > 0, evbuffer_reserve_space(pointer, count, &space, 1) == 1 else { return }
        write(UnsafeMutableRawBufferPointer(start: space.iov_base, count: count))
        space.iov_len = count
        evbuffer_commit_space(pointer, &space, 1)
    }

    /// Adds `bytes` to the end without copying them.
    ///
    /// - Parameters:
    ///   - bytes: Stay where they are as long as `owner` lives.
    ///   - owner: Kept until the last byte has been written, or the buffer has gone.
    func append(referencing bytes: UnsafeRawBufferPointer, ownedBy owner: AnyObject) {
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
    }

    /// Moves everything out of `source` to the end of this buffer; no byte is copied.
    func moveAll(from source: EventBuffer) {
        evbuffer_add_buffer(pointer, source.pointer)
    }

    /// Drops everything.
    func removeAll() {
        evbuffer_drain(pointer, count)
    }

    /// Gives `body` all bytes as one run. Copies only where they lie in several pieces.
    func withContiguousBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = evbuffer_pullup(pointer, -1)
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }
}
