package import Basics
import Glibc

/// Lines on their way to a descriptor, written by a thread of its own: who logs never waits for who reads.
///
/// What does not fit any more is dropped and counted, and one line tells so once there is a reader again.
/// Any thread may use it. The descriptor is never made non-blocking: others may share it.
package final class LogQueue: @unchecked Sendable {
    // Safe: everything below `mutex` is touched only with it held.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var pending: [UInt8] = []
    /// Bytes that the thread has taken and not written.
    private var underWay = 0
    /// What the thread has taken. The two blocks have all the room that there is from the beginning, and change
    /// places: a line may be about there being no memory.
    // Safe: the thread's alone.
    private var taken: [UInt8] = []
    private var dropped = 0
    /// Lines that were never written, since the beginning.
    private var droppedInAll = 0

    private let descriptor: Int32
    /// write(2), or what tests have in its place.
    private let put: @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
    private let capacity: Int
    /// Makes the line that says how many were lost, and why.
    private let notice: @Sendable (_ count: Int, _ reason: String) -> String

    /// 256 KiB: some two thousand lines.
    package static let capacityBytes = 256 << 10
    /// How long the first line waits for others: 2 ms, far less than it takes to fill the queue.
    private static let gatheringMicroseconds: UInt32 = 2000

    /// Starts the thread, which lasts as long as the process.
    ///
    /// - Parameters:
    ///   - descriptor: Where to write; it stays the caller's.
    ///   - capacity: In bytes, what waits and what is being written together.
    /// - Throws: ``SystemError`` where there is no thread left.
    package convenience init(
        descriptor: Int32,
        capacity: Int = capacityBytes,
        notice: @escaping @Sendable (_ count: Int, _ reason: String) -> String
    ) throws(SystemError) {
        try self.init(descriptor: descriptor, capacity: capacity, notice: notice) {
            Glibc.write($0, $1.baseAddress, $1.count)
        }
    }

    /// - Parameter put: As write(2), `errno` included.
    init(
        descriptor: Int32,
        capacity: Int,
        notice: @escaping @Sendable (_ count: Int, _ reason: String) -> String,
        put: @escaping @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int
    ) throws(SystemError) {
        self.descriptor = descriptor
        self.put = put
        self.capacity = capacity
        self.notice = notice
        pending.reserveCapacity(capacity)
        taken.reserveCapacity(capacity)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
        try BackgroundThread.startDetached { [self] in writeForever() }
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Queues a whole line, or drops it. Does not block.
    package func append(_ line: some Collection<UInt8>) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let wasEmpty = pending.isEmpty && dropped == 0
        // After the first that is dropped all are, until the thread has taken what waits: so the notice
        // stands where they are missing.
        if dropped > 0 || pending.count + underWay + line.count > capacity {
            dropped += 1
            droppedInAll += 1
        } else {
            pending += line
        }
        // Only who has nothing to do waits for lines.
        if wasEmpty { pthread_cond_broadcast(changed) }
    }

    /// What the two blocks can hold without memory being taken.
    var roomBytes: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return pending.capacity
    }

    /// How many lines were lost so far: nobody read them, or they could not be written.
    package var droppedCount: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return droppedInAll
    }

    /// Waits until everything is written: for a second in which nothing moves, and three in all.
    package func finish() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        let end = MonotonicTime.now + .seconds(3)
        var left = pending.count + underWay
        var patience = MonotonicTime.now + .seconds(1)
        while pending.count + underWay + dropped > 0 {
            let until = min(end, patience)
            guard MonotonicTime.now < until else { return }
            let (seconds, rest) = until.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
            pthread_cond_timedwait(changed, mutex, &time)
            if pending.count + underWay < left {
                left = pending.count + underWay
                patience = .now + .seconds(1)
            }
        }
    }

    // MARK: - On the thread

    private func writeForever() {
        var lost = Lost()
        while true {
            let left = take()
            if lost.count > 0 { write(noticeOf: &lost) }
            writeTaken(&lost)
            if left > 0 {
                lost.count += left
                lost.reason = "nobody read them"
                write(noticeOf: &lost)
            }
            settle(0, dropped: left)
        }
    }

    /// Lines of which nobody has been told.
    private struct Lost {
        var count = 0
        var reason = ""
        /// Whether the last one was written in part.
        var isTorn = false
    }

    private func write(noticeOf lost: inout Lost) {
        let text = (lost.isTorn ? "\n" : "") + notice(lost.count, lost.reason)
        let (count, failure) = write(Array(text.utf8)[...])
        if failure == 0 {
            lost = Lost()
        } else if count > 0 {
            lost.isTorn = true
        }
    }

    private func writeTaken(_ lost: inout Lost) {
        var position = 0
        while position < taken.count {
            let chunk = Self.chunk(of: taken[position...])
            if lost.isTorn, write([0x0A]).failure == 0 { lost.isTorn = false }
            let (written, failure) = write(chunk)
            if failure != 0 {
                let newline = UInt8(ascii: "\n")
                let rest = chunk.dropFirst(written)
                let count = rest.count { $0 == newline }
                lost.count += count
                lost.reason = String(cString: strerror(failure))
                lost.isTorn = written > 0 ? chunk[rest.startIndex - 1] != newline : lost.isTorn
                note(lost: count)
            }
            position = chunk.endIndex
            settle(chunk.count)
        }
    }

    /// Waits for lines and takes them all.
    ///
    /// - Returns: How many were dropped behind them.
    private func take() -> Int {
        taken.removeAll(keepingCapacity: true)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if pending.isEmpty && dropped == 0 {
            while pending.isEmpty && dropped == 0 { pthread_cond_wait(changed, mutex) }
            // Others come right behind, from all loops: one write takes them all, and nobody wakes this thread
            // for each.
            pthread_mutex_unlock(mutex)
            usleep(Self.gatheringMicroseconds)
            pthread_mutex_lock(mutex)
        }
        swap(&taken, &pending)
        underWay = taken.count
        let left = dropped
        dropped = 0
        // Counted until its notice is written, so that `finish` waits for that as well.
        if left > 0 { underWay += 1 }
        return left
    }

    private func note(lost count: Int) {
        pthread_mutex_lock(mutex)
        droppedInAll += count
        pthread_mutex_unlock(mutex)
    }

    private func settle(_ count: Int, dropped: Int = 0) {
        pthread_mutex_lock(mutex)
        underWay -= dropped > 0 ? 1 : count
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// Whole lines of at most 4 KiB together, which a pipe takes in one piece, or one longer line.
    private static func chunk(of rest: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let newline = UInt8(ascii: "\n")
        guard rest.count > 4096 else { return rest }
        let end = rest.prefix(4096).lastIndex(of: newline) ?? rest.firstIndex(of: newline)
        return end.map { rest[...$0] } ?? rest
    }

    /// Writes everything, however long that takes.
    ///
    /// - Returns: How many bytes were written, and the `errno` that made it stop, or 0.
    private func write(_ bytes: ArraySlice<UInt8>) -> (count: Int, failure: Int32) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = put(descriptor, part)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Somebody else made it non-blocking.
                    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&entry, 1, -1)
                } else if errno != EINTR {
                    return (rest.startIndex, errno)
                }
            }
            return (bytes.count, 0)
        }
    }
}
