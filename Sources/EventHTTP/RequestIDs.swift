import Wire

/// Makes the ids of requests whose clients give none, different ones in all loops and all processes. For
/// use on the loop's thread.
package final class RequestIDs {
    /// Where one loop begins among 2^64 numbers; each number is given out as another one.
    private var number = UInt64.random(in: .min ... .max)
    private let room = UnsafeMutableRawPointer.allocate(
        byteCount: RequestID.madeBytes,
        alignment: 8
    )

    package init() {}

    deinit { room.deallocate() }

    /// The next one, not 0.
    func next() -> UInt64 {
        repeat { number &+= 1 } while number == 0
        return number
    }

    /// The text of that number; valid until the next call.
    func text(of number: UInt64) -> UnsafeRawBufferPointer {
        // Neighbours shall not look alike: 2^64 divided by the golden ratio, odd, maps each number to another.
        RequestID.write(number &* 0x9E37_79B9_7F4A_7C15, to: room)
        return UnsafeRawBufferPointer(start: room, count: RequestID.madeBytes)
    }
}
