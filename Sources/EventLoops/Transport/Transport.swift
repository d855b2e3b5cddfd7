package import Basics
public import CLibevent
public import Glibc

/// Whoever owns a transport and wants to know when it is ready.
package protocol TransportHandler: AnyObject {
    /// Something has changed of what the transport can do. Runs on the loop's thread; may close it.
    func transportIsReady()
}

/// A connected stream of bytes: a non-blocking socket, what the kernel has said of it, its reads and writes.
///
/// The socket is watched edge-triggered, with one `epoll_ctl` for its whole life: nothing is said twice, so
/// what was said is remembered here. For use on the loop's thread.
@usableFromInline
package final class Transport {
    /// What reading has come to.
    package enum Read: Equatable {
        /// So many bytes, more than none.
        case bytes(Int)
        /// None now; there will be an edge when some come.
        case nothing
        /// The peer has ended its half of the stream, and all of it was read.
        case end
        /// The number of an error after which nothing more will come.
        case failed(Int32)
        /// There is no memory to read to.
        case noMemory
    }

    @usableFromInline package let descriptor: Int32
    private let loop: EventLoop
    // Safe: the handler holds the transport, and ends the watch before it goes.
    private unowned(unsafe) var handler: (any TransportHandler)?
    private var event: UnsafeMutablePointer<CLibevent.event>?

    /// Whether there may be bytes that were not read, the end of the stream or an error.
    @inlinable package var mayRead: Bool { isReadable }
    /// Whether the peer has ended its half of the stream. What it sent before may still be unread.
    @inlinable package var peerHasFinished: Bool { isHalfClosed }
    /// Whether it takes no more bytes for now.
    @inlinable package var isFull: Bool { isBlocked }

    // Safe: used on the loop's thread only, and no access lasts while anybody is called. (Measured: the
    // checks took 300 instructions of a GET.)
    @exclusivity(unchecked) @usableFromInline var isReadable = false
    @exclusivity(unchecked) @usableFromInline var isHalfClosed = false
    @exclusivity(unchecked) @usableFromInline var isBlocked = false
    /// The socket's SO_RCVLOWAT.
    private var wakesUpAtBytes = 1

    /// - Parameter descriptor: A non-blocking socket, which stays the caller's until ``close()``.
    package init(descriptor: Int32, on loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    deinit { stopWatching() }

    // MARK: - Readiness

    /// Begins to watch. The first edge comes at once if the socket is ready already.
    ///
    /// - Parameter handler: Holds the transport.
    /// - Throws: ``SystemError`` where there is no memory, or the kernel refuses the descriptor (over
    ///   `fs.epoll.max_user_watches`).
    package func startWatching(for handler: any TransportHandler) throws(SystemError) {
        self.handler = handler
        // Safe: the event is freed in stopWatching(), at the latest by deinit.
        let context = Unmanaged.passUnretained(self).toOpaque()
        event = event_new(
            loop.base,
            descriptor,
            Int16(EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST),
            { _, what, context in
                // Safe: see above; and once the handler has been called, in which it may go, isReady(_:) touches
                // nothing of it.
                Unmanaged<Transport>.fromOpaque(context!)._withUnsafeGuaranteedRef {
                    $0.isReady(what)
                }
            },
            context
        )
        guard let event else { throw SystemError("event_new") }
        guard event_add(event, nil) == 0 else { throw SystemError("epoll_ctl") }
    }

    /// Ends the watch, in front of whoever else closes the descriptor. Calling it again does nothing.
    package func stopWatching() {
        guard let event else { return }
        self.event = nil
        event_free(event)
    }

    private func isReady(_ what: Int16) {
        if what & Int16(EV_CLOSED) != 0 { isHalfClosed = true }
        if what & Int16(EV_READ | EV_CLOSED) != 0 { isReadable = true }
        if what & Int16(EV_WRITE) != 0 { isBlocked = false }
        // It may be let go of while it is called, and this transport with it: nothing comes behind it.
        withExtendedLifetime(handler) { $0?.transportIsReady() }
    }

    /// Has the next read ask the kernel, whether there was an edge or not. (A reset right behind some bytes
    /// came with their edge.)
    package func lookAgain() { isReadable = true }

    /// Takes whatever was said of bytes for read.
    package func forgetInput() { isReadable = false }

    /// Lets the kernel wake us for that many bytes, not for each segment. (It does for the end of the stream
    /// and for errors in any case, see SO_RCVLOWAT in socket(7).)
    package func wakeUp(atBytes count: Int) {
        guard count != wakesUpAtBytes else { return }
        wakesUpAtBytes = count
        var value = Int32(count)
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &value, size)
    }

    // MARK: - Reading

    /// Reads once, as much as there is room for.
    package func read(into room: UnsafeMutableRawBufferPointer) -> Read {
        note(Glibc.read(descriptor, room.baseAddress, room.count), of: room.count)
    }

    /// Reads once, to the end of a buffer.
    ///
    /// - Parameters:
    ///   - room: What is made there for this read and later ones, in one run.
    ///   - count: The most that is read.
    package func read(into buffer: EventBuffer, room: Int, atMost count: Int) -> Read {
        var space = iovec()
        guard evbuffer_reserve_space(buffer.pointer, room, &space, 1) == 1 else { return .noMemory }
        let wanted = min(space.iov_len, count)
        let result = note(Glibc.read(descriptor, space.iov_base, wanted), of: wanted)
        if case .bytes(let count) = result { space.iov_len = count } else { space.iov_len = 0 }
        guard evbuffer_commit_space(buffer.pointer, &space, 1) == 0 else { return .noMemory }
        return result
    }

    /// Reads bytes and drops them, which the kernel does by itself (MSG_TRUNC, tcp(7)).
    package func discard(atMost count: Int) -> Read {
        note(recv(descriptor, nil, count, Int32(MSG_TRUNC)), of: count)
    }

    /// Whether something is there to read, bytes, the end or an error, which stays there.
    package func hasInput() -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) >= 0 || errno != EAGAIN
    }

    private func note(_ count: Int, of wanted: Int) -> Read {
        if count > 0 {
            // Less than wanted: the socket is empty, and what comes next makes an edge.
            isReadable = count == wanted || isHalfClosed
            return .bytes(count)
        }
        // Interrupted: still to be read.
        if count < 0, errno == EINTR { return .nothing }
        isReadable = false
        if count == 0 { return .end }
        return errno == EAGAIN ? .nothing : .failed(errno)
    }

    // MARK: - Writing

    /// Writes until the buffer is empty or the socket full.
    ///
    /// - Parameter progress: Called after each write that has taken bytes.
    /// - Returns: The number of the error after which nothing can be written any more; 0 where there is none.
    @inlinable @inline(__always)
    package func write(_ buffer: OpaquePointer, progress: () -> Void = {}) -> Int32 {
        while evbuffer_get_length(buffer) > 0 {
            if evbuffer_write(buffer, descriptor) >= 0 {
                progress()
            } else if errno == EAGAIN {
                isBlocked = true
                return 0
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// Writes a text in one piece, for where there is no memory for a buffer.
    ///
    /// - Returns: Whether all of it was taken.
    package func write(_ text: inout String) -> Bool {
        text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
    }

    // MARK: - The end

    /// Ends the watch, and closes the socket.
    package func close() {
        stopWatching()
        Glibc.close(descriptor)
    }
}
