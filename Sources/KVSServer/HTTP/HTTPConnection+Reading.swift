import CLibevent
import Glibc

/// From the socket to the guard, in turns.
extension HTTPConnection {
    /// What a connection may do before others get their turn: requests, and the bytes of bodies and
    /// replies in units of 32 KiB.
    static let unitsPerTurn = 16
    private static let bytesPerUnit = 32_768

    /// The time after which nothing further is begun in a turn: some requests cost a thousand times as much
    /// as others of the same length.
    private static let timePerTurn = TimeSpan.milliseconds(1)

    /// Counts work that was done in the present turn.
    func spend(bytes: Int) { unitsLeft -= 1 + bytes / Self.bytesPerUnit }

    /// Reads and answers until there is nothing more to read, a request waits for its reply, the client
    /// must take its replies first, or the turn is over. What is to be sent then is on its way.
    func goOn() {
        var end: MonotonicTime?
        while state == .reading, !outputIsBlocked, reader.hasBacklog || mayRead {
            // Most turns are one step long, and need no clock.
            if let end {
                if MonotonicTime.now >= end { unitsLeft = 0 }
            } else if unitsLeft < Self.unitsPerTurn {
                end = .now + Self.timePerTurn
            }
            if unitsLeft <= 0 {
                server.queue.append(self)
                break
            }
            if outgoingCount >= Self.batchBytes {
                flush()
                continue
            }
            // What was read before comes first.
            if reader.hasBacklog {
                takeBacklog()
            } else if let remaining = largeBodyRest {
                // By itself: what comes before has had its share of this turn.
                if unitsLeft < Self.unitsPerTurn {
                    server.queue.append(self)
                    break
                }
                readBody(remaining)
            } else {
                readIntoScratch()
            }
        }
        // A reply that is ready does not wait for one that is not.
        if outgoing != nil, !outputIsBlocked { flush() }
    }

    /// What is still to come of a body that does not go through the loop's buffer.
    private var largeBodyRest: Int? {
        guard let remaining = reader.remainingContent, remaining > server.scratch.count / 2 else {
            return nil
        }
        return remaining
    }

    /// Whether its next turn may be a long one: a piece of a large body, to be kept or to be dropped.
    var takesMuch: Bool { state == .lingering || (state == .reading && largeBodyRest != nil) }

    private func readIntoScratch() {
        let scratch = server.scratch
        let count = read(descriptor, scratch.baseAddress, scratch.count)
        guard account(forRead: count, of: scratch.count) else { return }
        spend(bytes: 0)
        let bytes = UnsafeRawBufferPointer(rebasing: scratch[0..<count])
        var position = 0
        do throws(Refusal) {
            while position < count {
                let rest = bytes.slice(position..<count)
                position += try advance(of: rest.count) { append throws(Refusal) in
                    try reader.take(rest, append: append)
                }
                guard reader.isComplete else { continue }
                // Before anybody's code runs: what is in the loop's buffer and not used up becomes this
                // connection's own.
                if position < count, !reader.keep(bytes.slice(position..<count)) {
                    throw .serverIsFull
                }
                requestIsComplete()
                return
            }
        } catch {
            refuse(error, dropping: count - position)
            return
        }
        lookAgainIfIncomplete()
    }

    private func takeBacklog() {
        do throws(Refusal) {
            _ = try advance(of: reader.backlogCount) { append throws(Refusal) in
                try reader.takeBacklog(append: append)
            }
        } catch {
            refuse(error, dropping: reader.backlogCount)
            return
        }
        if reader.isComplete { requestIsComplete() }
    }

    /// A reset right behind a part of a request came with the same edge as that: only one more read
    /// tells it from a client that is about to send the rest.
    private func lookAgainIfIncomplete() {
        if state == .reading, !isIdle { mayRead = true }
    }

    /// For a large body: lets the kernel wake us for pieces of this many bytes, not for each segment.
    private static let wakeUpBytes = 262_144

    /// And reads no more of it at once: what was read is counted before the next read.
    private static let readBytes = 1 << 20

    func wakeUp(atBytes count: Int) {
        guard count != wakesUpAtBytes else { return }
        wakesUpAtBytes = count
        // Linux wakes us for the end of the stream and for errors in any case (socket(7), SO_RCVLOWAT).
        var value = Int32(count)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVLOWAT,
            &value,
            socklen_t(MemoryLayout<Int32>.size)
        )
    }

    /// A large body goes straight to where the handler will find it, in one run, so that it is neither
    /// copied nor read in 4 KiB pieces.
    private func readBody(_ remaining: Int) {
        // What there is no room for is not read first, and then refused: that costs more than all the rest.
        let room = claim.room
        if room < min(remaining, BufferClaim.freeBytes), hasInput() {
            refuse(.serverIsFull)
            return
        }
        var space = iovec()
        guard let body = try? bodyBuffer().pointer,
            evbuffer_reserve_space(body, remaining, &space, 1) == 1
        else {
            refuse(.serverIsFull)
            return
        }
        let wanted = min(space.iov_len, remaining, Self.readBytes, max(room, BufferClaim.freeBytes))
        let count = read(descriptor, space.iov_base, wanted)
        space.iov_len = max(count, 0)
        let isCommitted = evbuffer_commit_space(body, &space, 1) == 0
        guard account(forRead: count, of: wanted) else { return }
        spend(bytes: count)
        guard isCommitted, countInput() else {
            refuse(.serverIsFull, dropping: count)
            return
        }
        let rest = remaining - count
        reader.skip(count)
        wakeUp(atBytes: rest > Self.wakeUpBytes ? Self.wakeUpBytes : 1)
        if reader.isComplete { requestIsComplete() }
        lookAgainIfIncomplete()
    }

    /// Whether the client has sent something that was not read yet, or has ended.
    private func hasInput() -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) >= 0 || errno != EAGAIN
    }

    /// - Returns: Whether bytes were read.
    private func account(forRead count: Int, of wanted: Int) -> Bool {
        if count > 0 {
            // Less than wanted: the socket is empty, and what comes next makes an edge.
            mayRead = count == wanted || peerHasFinished
            return true
        }
        if count < 0, errno == EINTR { return false }
        mayRead = false
        if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return false }
        // The end of the stream, or an error: whatever was being read will never be complete.
        if count == 0, outgoing != nil {
            // Who ends his side has still to hear the replies to what he sent before.
            closesAfterFlush = true
            state = .finishing
            flush()
        } else {
            drop()
        }
        return false
    }
}
