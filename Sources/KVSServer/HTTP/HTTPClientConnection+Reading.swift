import CLibevent
import Glibc

/// From the socket through our own grammar, one complete reply at a time.
extension HTTPClientConnection {
    /// Reads of one connection before others get their turn.
    private static let readsPerTurn = 16

    /// Reads until the reply is complete, the socket is empty, or the turn is over.
    func readAvailable() {
        var reads = 0
        while state.phase == .awaitingReply, mayRead {
            guard reads < Self.readsPerTurn else {
                surroundings.queue.append(self)
                return
            }
            reads += 1
            let scratch = surroundings.scratch
            if let remaining = reader.remainingLength, remaining > scratch.count / 2 {
                readBody(remaining)
            } else {
                readIntoScratch(scratch)
            }
        }
    }

    private func readIntoScratch(_ scratch: UnsafeMutableRawBufferPointer) {
        let count = read(descriptor, scratch.baseAddress, scratch.count)
        guard note(read: count) else { return }
        let hadHead = reader.head != nil
        var isWhole = true
        do throws(ReplyReader.Failure) {
            let bytes = UnsafeRawBufferPointer(rebasing: scratch[0..<count])
            try reader.take(bytes) { piece in
                isWhole = (try? bodyBuffer())?.append(piece) ?? false && isWhole
            }
        } catch {
            fail(error == .malformed ? .lost : .overloaded)
            return
        }
        if !isWhole {
            fail(.overloaded)
        } else if !hadHead, let head = reader.head, !head.isOfKVS {
            // Something stands between the main and us, or in its place, and speaks for itself.
            fail(.lost)
        } else {
            goOn()
        }
    }

    /// A large body is read where it stays, in one run, so that it is not copied.
    private func readBody(_ remaining: Int) {
        var space = iovec()
        guard let body = try? bodyBuffer(),
            evbuffer_reserve_space(body.pointer, remaining, &space, 1) == 1
        else {
            fail(.overloaded)
            return
        }
        let count = read(descriptor, space.iov_base, min(space.iov_len, remaining))
        space.iov_len = max(count, 0)
        let isCommitted = evbuffer_commit_space(body.pointer, &space, 1) == 0
        guard note(read: count) else { return }
        guard isCommitted else {
            fail(.overloaded)
            return
        }
        reader.skip(count)
        goOn()
    }

    /// - Returns: Whether bytes were read.
    private func note(read count: Int) -> Bool {
        if count > 0 {
            owner?.bytesHaveCome()
            return true
        }
        if count < 0, errno == EINTR { return false }
        mayRead = false
        if count < 0, errno == EAGAIN { return false }
        fail(count == 0 ? .lost : Self.failure(errno: errno))
        return false
    }

    /// After bytes have been taken.
    private func goOn() {
        guard reader.isComplete else {
            if !count(heldBytes: reader.headCount + (body?.count ?? 0)) { fail(.overloaded) }
            return
        }
        guard let head = reader.head else { return }
        deliver(head)
    }

    func count(heldBytes: Int) -> Bool {
        claim.set(heldBytes: heldBytes, besides: owner?.bytesHeldForClient ?? 0)
    }

    /// Where the body of the reply is collected.
    func bodyBuffer() throws(SystemError) -> EventBuffer {
        if let body { return body }
        guard let buffer = evbuffer_new() else { throw SystemError("evbuffer_new") }
        body = EventBuffer(pointer: buffer)
        return EventBuffer(pointer: buffer)
    }
}
