import Basics
import EventLoops
import Wire

/// From the socket to the guard, and from there to the handler, one complete request at a time.
extension ConnectionDriver {
    func read() {
        let readBuffer = world.readBuffer
        let result = stream.read(into: readBuffer)
        guard case .bytes(let count) = result else {
            state.handle(.read(result), self)
            return
        }
        state.spend(bytes: 0)
        let bytes = UnsafeRawBufferPointer(rebasing: readBuffer[0..<count])
        var rest = count
        do throws(Refusal) {
            while rest > 0 {
                let unused = bytes.slice((count - rest)..<count)
                try advance(&rest) { () throws(Refusal) in try intake.take(unused) }
                guard intake.reader.isComplete else { continue }
                // Before anybody's code runs: what is in the loop's buffer and not used up becomes this
                // connection's own.
                if rest > 0, !intake.reader.keep(bytes.slice((count - rest)..<count)) {
                    throw .serverIsFull
                }
                state.handle(.requestIsComplete, self)
                return
            }
        } catch {
            state.handle(.refused(error, dropping: rest), self)
            return
        }
        waitForRest()
    }

    func takeBacklog() {
        var rest = intake.reader.backlogCount
        do throws(Refusal) {
            try advance(&rest) { () throws(Refusal) in try intake.takeBacklog() }
        } catch {
            state.handle(.refused(error, dropping: rest), self)
            return
        }
        if intake.reader.isComplete { state.handle(.requestIsComplete, self) }
    }

    /// Lets the reader take bytes.
    ///
    /// - Parameter rest: How many bytes have come and are not used up yet.
    private func advance(
        _ rest: inout Int,
        _ take: () throws(Refusal) -> RequestReader.Step
    ) throws(Refusal) {
        let hadBegun = intake.reader.hasBegun
        let step: RequestReader.Step
        do throws(Refusal) {
            step = try take()
        } catch {
            if !hadBegun { requestHasBegun() }
            throw error
        }
        if !hadBegun, intake.reader.hasBegun || step.hasEndedHead { requestHasBegun() }
        rest -= step.consumed
        if step.hasEndedHead { try headIsThere(behind: rest) }
    }

    private func headIsThere(behind: Int) throws(Refusal) {
        guard world.hasMemoryForRequest() else { throw .serverIsFull }
        if let length = intake.reader.remainingContent, behind > 0, claim.room >= length {
            // In one run, or all of it would be copied to be so. Without memory the rest is refused.
            _ = try intake.bodyBuffer().reserve(length)
        }
        if head.expectsContinue, behind == 0 {
            guard replies.append("HTTP/1.1 100 Continue\r\n\r\n") else { throw .serverIsFull }
        }
    }

    /// A request is not complete yet, or a large body has grown.
    private func waitForRest() {
        guard case .reading = state.phase, !state.isIdle(self) else { return }
        // Many who begin and do not go on must not take the memory that all others live on.
        if intake.body != nil, !Headroom.isThere(for: 0) {
            state.handle(.refused(.serverIsFull, dropping: 0), self)
            return
        }
        // A reset right behind a part of a request came with the same edge as that: only one more read
        // tells it from a client that is about to send the rest.
        stream.lookAgain()
    }

    /// A large body goes straight to where the handler will find it, in one run, so that it is neither
    /// copied nor read in 4 KiB pieces.
    func readBody() {
        guard let remaining = intake.reader.remainingContent else { return }
        // What there is no room for is not read first, and then refused: that costs more than all the rest.
        let room = claim.room
        let hasRoom = room >= min(remaining, BufferClaim.freeBytes) || !stream.hasInput()
        guard hasRoom, let body = try? intake.bodyBuffer() else {
            state.handle(.refused(.serverIsFull, dropping: 0), self)
            return
        }
        let wanted = min(remaining, Self.readBytes, max(room, BufferClaim.freeBytes))
        let result = stream.read(into: body, room: remaining, atMost: wanted)
        guard case .bytes(let count) = result else {
            state.handle(.read(result), self)
            return
        }
        state.spend(bytes: count)
        guard countInput() else {
            state.handle(.refused(.serverIsFull, dropping: count), self)
            return
        }
        intake.reader.skip(count)
        stream.wakeUp(atBytes: remaining - count > Self.wakeUpBytes ? Self.wakeUpBytes : 1)
        if intake.reader.isComplete {
            state.handle(.requestIsComplete, self)
        } else {
            waitForRest()
        }
    }

    /// For a large body: lets the kernel wake us for pieces of this many bytes, not for each segment.
    private static var wakeUpBytes: Int { 262_144 }

    /// And reads no more of it at once: what was read is counted before the next read.
    private static var readBytes: Int { 1 << 20 }

    func handOver() {
        // A handler may keep the body for long. And before anything is done, there is room for the reply.
        guard !world.isShortOfMemory, countInput(), peer.reserveHead() else {
            state.handle(.refused(.serverIsFull, dropping: 0), self)
            return
        }
        state.handle(.handedOver, self)
        let number = nextRequestNumber()
        if peer.takeRequest() {
            world.handle(request: number)
        } else if peer.hasGone {
            state.handle(.peerHasGone, self)
        } else {
            world.report(.requestNotTaken)
            state.handle(.replyFailed(mayHaveActed: false), self)
        }
    }
}
