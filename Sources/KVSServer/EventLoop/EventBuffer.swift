import CLibevent
import Glibc

/// A view of an `evbuffer`, which somebody else owns. For use on the loop's thread.
struct EventBuffer {
    let pointer: OpaquePointer

    /// The bytes in the buffer.
    var count: Int { evbuffer_get_length(pointer) }

    var isEmpty: Bool { count == 0 }

    /// Copies `bytes` to the end.
    ///
    /// - Returns: False where there is no memory for them. All that append here return that.
    @discardableResult
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return true }
        return evbuffer_add(pointer, start, bytes.count) == 0
    }

    /// Copies a literal to the end.
    @discardableResult
    func append(_ literal: StaticString) -> Bool {
        evbuffer_add(pointer, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }

    /// Copies a text, as UTF-8, to the end.
    @discardableResult
    func append(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a number that is not negative, in decimal, to the end.
    @discardableResult
    func append(decimal number: Int) -> Bool {
        // 20 digits are more than any Int has.
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var start = digits.count
            var rest = number
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            return append(UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
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
    @discardableResult
    func moveAll(from source: EventBuffer) -> Bool {
        evbuffer_add_buffer(pointer, source.pointer) == 0
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
