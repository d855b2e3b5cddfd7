import Basics
import CLibevent
import EventLoops
import Wire

/// From the socket through our own grammar, one complete reply at a time.
extension HTTPClientConnection {
    /// Reads of one connection before others get their turn.
    private static let readsPerTurn = 16

    /// Reads until the reply is complete, the socket is empty, or the turn is over.
    func readAvailable() {
        var reads = 0
        while state.phase == .awaitingReply, let transport, transport.mayRead {
            guard reads < Self.readsPerTurn else {
                surroundings.queue.append(self)
                return
            }
            reads += 1
            let readBuffer = surroundings.readBuffer
            if let remaining = reader.remainingLength, remaining > readBuffer.count / 2 {
                readBody(remaining, from: transport)
            } else {
                guard let count = note(transport.read(into: readBuffer)) else { continue }
                take(UnsafeRawBufferPointer(rebasing: readBuffer[0..<count]))
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        var isWhole = true
        do throws(ReplyReader.Failure) {
            try reader.take(bytes) { piece in
                isWhole = (try? bodyBuffer())?.append(piece) ?? false && isWhole
            }
        } catch {
            fail(error == .malformed ? .lost : .overloaded)
            return
        }
        if !isWhole {
            fail(.overloaded)
        } else if reader.isOfStranger {
            // Something stands between the main and us, or in its place, and speaks for itself.
            fail(.lost)
        } else {
            goOn()
        }
    }

    /// A large body is read where it stays, in one run, so that it is not copied.
    private func readBody(_ remaining: Int, from transport: Transport) {
        guard let body = try? bodyBuffer() else {
            fail(.overloaded)
            return
        }
        let result = transport.read(into: body, room: remaining, atMost: remaining)
        guard let count = note(result) else { return }
        reader.skip(count)
        goOn()
    }

    /// - Returns: How many bytes were read; nil where none were, and what follows of that is done.
    private func note(_ result: Transport.Read) -> Int? {
        switch result {
        case .bytes(let count):
            owner?.bytesHaveCome()
            return count
        case .nothing: break
        case .end: fail(.lost)
        case .failed(let error): fail(Self.failure(errno: error))
        case .noMemory: fail(.overloaded)
        }
        return nil
    }

    /// After bytes have been taken.
    private func goOn() {
        guard reader.isComplete else {
            // A reset right behind these bytes came with their edge.
            transport?.lookAgain()
            if !count(heldBytes: reader.headCount + (body?.count ?? 0)) { fail(.overloaded) }
            return
        }
        deliver()
    }

    func count(heldBytes: Int) -> Bool {
        claim.set(heldBytes: heldBytes, besides: owner?.bytesHeldForClient ?? 0)
    }

    /// Where the body of the reply is collected.
    func bodyBuffer() throws(SystemError) -> EventBuffer {
        if let body { return body }
        guard let buffer = EventBuffer.make() else { throw SystemError("evbuffer_new") }
        body = buffer
        return buffer
    }
}
