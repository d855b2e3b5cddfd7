import Basics
import CLibevent
import EventLoops
import Wire

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
        while state == .reading, !transport.isFull, reader.hasBacklog || transport.mayRead {
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
        if outgoing != nil, !transport.isFull { flush() }
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
        guard let count = account(for: transport.read(into: scratch)) else { return }
        spend(bytes: 0)
        let bytes = UnsafeRawBufferPointer(rebasing: scratch[0..<count])
        var rest = count
        do throws(Refusal) {
            while rest > 0 {
                let unused = bytes.slice((count - rest)..<count)
                try advance(&rest) { append throws(Refusal) in
                    try reader.take(unused, append: append)
                }
                guard reader.isComplete else { continue }
                // Before anybody's code runs: what is in the loop's buffer and not used up becomes this
                // connection's own.
                if rest > 0, !reader.keep(bytes.slice((count - rest)..<count)) {
                    throw .serverIsFull
                }
                requestIsComplete()
                return
            }
        } catch {
            refuse(error, dropping: rest)
            return
        }
        waitForRest()
    }

    private func takeBacklog() {
        var rest = reader.backlogCount
        do throws(Refusal) {
            try advance(&rest) { append throws(Refusal) in
                try reader.takeBacklog(append: append)
            }
        } catch {
            refuse(error, dropping: rest)
            return
        }
        if reader.isComplete { requestIsComplete() }
    }

    /// A request is not complete yet, or a large body has grown.
    private func waitForRest() {
        guard state == .reading, !isIdle else { return }
        // Many who begin and do not go on must not take the memory that all others live on.
        if body != nil, !Headroom.isThere(for: 0) {
            refuse(.serverIsFull)
            return
        }
        // A reset right behind a part of a request came with the same edge as that: only one more read
        // tells it from a client that is about to send the rest.
        transport.lookAgain()
    }

    /// For a large body: lets the kernel wake us for pieces of this many bytes, not for each segment.
    private static let wakeUpBytes = 262_144

    /// And reads no more of it at once: what was read is counted before the next read.
    private static let readBytes = 1 << 20

    /// A large body goes straight to where the handler will find it, in one run, so that it is neither
    /// copied nor read in 4 KiB pieces.
    private func readBody(_ remaining: Int) {
        // What there is no room for is not read first, and then refused: that costs more than all the rest.
        let room = claim.room
        if room < min(remaining, BufferClaim.freeBytes), transport.hasInput() {
            refuse(.serverIsFull)
            return
        }
        guard let body = try? bodyBuffer() else {
            refuse(.serverIsFull)
            return
        }
        let wanted = min(remaining, Self.readBytes, max(room, BufferClaim.freeBytes))
        let result = transport.read(into: body, room: remaining, atMost: wanted)
        guard let count = account(for: result) else { return }
        spend(bytes: count)
        guard countInput() else {
            refuse(.serverIsFull, dropping: count)
            return
        }
        let rest = remaining - count
        reader.skip(count)
        transport.wakeUp(atBytes: rest > Self.wakeUpBytes ? Self.wakeUpBytes : 1)
        if reader.isComplete { requestIsComplete() }
        waitForRest()
    }

    /// - Returns: How many bytes were read; nil where none were, and what follows of that is done.
    private func account(for result: Transport.Read) -> Int? {
        switch result {
        case .bytes(let count): return count
        case .nothing: break
        case .noMemory: refuse(.serverIsFull)
        case .end where outgoing != nil:
            // Who ends his side has still to hear the replies to what he sent before.
            closesAfterFlush = true
            state = .finishing
            flush()
        case .end, .failed:
            // Whatever was being read will never be complete.
            drop()
        }
        return nil
    }
}
