import CLibevent
import Glibc

/// From the socket to the guard.
extension HTTPConnection {
    /// Reads of one connection before others get their turn.
    private static let readsPerTurn = 16

    /// Reads until the socket is empty, a request waits for its reply, or the turn is over.
    func readAvailable() {
        var reads = 0
        // What was read before comes first: it waits for its turn.
        while state == .reading, mayRead, backlog.isEmpty {
            guard reads < Self.readsPerTurn else {
                server.giveTurnLater(to: self)
                return
            }
            reads += 1
            if case .body(let remaining, isDiscarded: false) = phase,
                remaining > server.scratch.count / 2
            {
                readBody(remaining)
            } else {
                readIntoScratch()
            }
        }
        if server.isDraining, isIdle { setDeadline(ticks: server.limits.drainTicks) }
    }

    private func readIntoScratch() {
        let scratch = server.scratch
        let count = read(descriptor, scratch.baseAddress, scratch.count)
        guard account(forRead: count, of: scratch.count) else { return }
        let bytes = UnsafeRawBufferPointer(rebasing: scratch[0..<count])
        let consumed = process(bytes)
        if consumed < count, state != .closed, state != .lingering {
            backlog.append(contentsOf: bytes[consumed...])
        }
        lookAgainIfIncomplete()
    }

    /// A reset right behind a part of a request came with the same edge as that: only one more read
    /// tells it from a client that is about to send the rest.
    private func lookAgainIfIncomplete() {
        if state == .reading, !isIdle { mayRead = true }
    }

    /// For a large body: lets the kernel wake us for pieces of this many bytes, not for each segment.
    private static let wakeUpBytes = 262_144

    private func wakeUp(atBytes count: Int) {
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

    /// A large body goes straight to where evhttp will find it, in one run, so that it is neither copied
    /// nor read in 4 KiB pieces.
    private func readBody(_ remaining: Int) {
        let input = bufferevent_get_input(bufferevent)
        var space = iovec()
        guard evbuffer_reserve_space(input, remaining, &space, 1) == 1 else {
            drop()
            return
        }
        let count = read(descriptor, space.iov_base, min(space.iov_len, remaining))
        space.iov_len = max(count, 0)
        evbuffer_commit_space(input, &space, 1)
        guard account(forRead: count, of: remaining) else { return }
        let rest = remaining - count
        phase = .body(remaining: rest, isDiscarded: false)
        wakeUp(atBytes: rest > Self.wakeUpBytes ? Self.wakeUpBytes : 1)
        if rest == 0 {
            requestIsComplete(moreFollows: false)
        }
        lookAgainIfIncomplete()
    }

    /// - Returns: Whether bytes came.
    private func account(forRead count: Int, of capacity: Int) -> Bool {
        if count > 0 {
            // Less than there was room for: the socket is empty, and the next bytes make a new edge.
            if count < capacity, !peerHasFinished { mayRead = false }
            return true
        }
        if count < 0, errno == EINTR { return false }
        mayRead = false
        if count < 0, errno == EAGAIN || errno == EWOULDBLOCK { return false }
        // The end of the stream, or an error: whatever was being read will never be complete.
        drop()
        return false
    }

    /// Goes on after a reply: first with what was read already.
    func resume() {
        while state == .reading, !backlog.isEmpty {
            let bytes = backlog
            let start = backlogStart
            let consumed = bytes.withUnsafeBytes { process($0.slice(start..<bytes.count)) }
            backlogStart += consumed
            if backlogStart >= backlog.count {
                backlog = []
                backlogStart = 0
            }
            if consumed == 0 { return }
        }
        if state == .reading { readAvailable() }
    }
}
