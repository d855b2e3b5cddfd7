import Basics
import Glibc

/// What a non-blocking socket's connect(2) has come to.
struct ConnectingSocket {
    enum Outcome: Equatable {
        case pending
        case connected
        case failed(ConnectionFailure)
    }

    let descriptor: Int32

    var outcome: Outcome {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 else {
            return .failed(.local)
        }
        switch error {
        case 0: break
        // Segments from the main's address.
        case ECONNREFUSED, ECONNRESET: return .failed(.refused)
        // No answer within the kernel's time, or word from some router.
        case ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, EPROTO, EACCES, ENOPROTOOPT:
            return .failed(.unreachable)
        default: return .failed(.local)
        }
        var peer = sockaddr_storage()
        guard address(into: &peer, getpeername) else {
            // The error of a connection that was refused within connect(2) itself has been told there
            // already, to libevent, which waits for the next event to pass it on.
            return errno == ENOTCONN ? connectionState : .failed(.local)
        }
        var own = sockaddr_storage()
        guard address(into: &own, getsockname) else { return .failed(.local) }
        let isSame = withUnsafeBytes(of: own) { own in
            withUnsafeBytes(of: peer) { $0.elementsEqual(own) }
        }
        guard isSame else { return .connected }
        // On one machine, a port of the ephemeral range at which nobody listens: TCP lets a socket
        // connect to itself (RFC 9293 §3.5, simultaneous open). A reset leaves the port to the main; the
        // usual end would hold it for a minute.
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &reset,
            socklen_t(MemoryLayout<linger>.size)
        )
        return .failed(.refused)
    }

    /// Of a socket without error and without peer: it is still on its way, or was refused.
    private var connectionState: Outcome {
        var polled = pollfd(fd: descriptor, events: 0, revents: 0)
        guard poll(&polled, 1, 0) == 1, polled.revents & Int16(POLLHUP) != 0 else {
            return .pending
        }
        return .failed(.refused)
    }

    private func address(
        into storage: inout sockaddr_storage,
        _ call: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) -> Bool {
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, &size) == 0
            }
        }
    }
}
