// Whether Glibc or CLibevent has some constants of <sys/socket.h> and <netinet/in.h> depends on which of both the
// compiler has met first.
package import Basics
import CLibevent
import Glibc

/// A TCP socket that is bound and listens, for one of several loops.
package struct BoundSocket {
    /// Non-blocking, close-on-exec. Whoever takes the value closes it.
    package let descriptor: Int32

    /// Connections that the kernel holds until they are accepted; it lowers this to `net.core.somaxconn`.
    private static let backlog: Int32 = 4096
    /// How often a port is asked for that is taken; the pauses come to about 50 ms together.
    private static let attempts = 10

    /// Listens with one socket for each loop, all at the same address; the kernel spreads connections over
    /// them. Blocks for a moment where the port is taken.
    ///
    /// With SO_REUSEPORT another program of the same user would be let in silently, and get its part of
    /// the connections. So the first socket listens without it: of all that do so, at this address or one
    /// that overlaps it, the kernel lets one. Only then does it take the option, and the others join it.
    ///
    /// - Parameters:
    ///   - address: Port 0 stands for any free port, the same for all.
    ///   - count: At least 1.
    /// - Throws: ``SystemError`` with EADDRINUSE or EADDRNOTAVAIL where the address is not to be had.
    package static func listen(
        at address: SocketAddress,
        count: Int
    ) throws(SystemError) -> (sockets: [BoundSocket], address: SocketAddress) {
        let first = try listenPatiently(at: address, reusingPort: false)
        var sockets = [first]
        do throws(SystemError) {
            let bound = try SocketAddress.ofSocket(first.descriptor)
            if count > 1 { setOption(first.descriptor, SOL_SOCKET, SO_REUSEPORT) }
            for _ in 1..<max(1, count) {
                sockets.append(try listenPatiently(at: bound, reusingPort: true))
            }
            return (sockets, bound)
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
    }

    /// The kernel calls a socket listening before it looks whether it may: two programs that begin in the
    /// same microsecond may both be refused. Each tries again, after a time of its own.
    private static func listenPatiently(
        at address: SocketAddress,
        reusingPort: Bool
    ) throws(SystemError) -> BoundSocket {
        for _ in 1..<attempts {
            do throws(SystemError) {
                return try listen(at: address, reusingPort: reusingPort)
            } catch {
                guard error.errno == EADDRINUSE else { throw error }
                usleep(.random(in: 1_000...10_000))
            }
        }
        return try listen(at: address, reusingPort: reusingPort)
    }

    private static func listen(
        at address: SocketAddress,
        reusingPort: Bool
    ) throws(SystemError) -> BoundSocket {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        // A port whose old connections are still in TIME_WAIT is free.
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR)
        if reusingPort { setOption(descriptor, SOL_SOCKET, SO_REUSEPORT) }
        // Accepted sockets inherit both: replies of several writes must not wait for acknowledgements,
        // and peers that vanished are noticed in the end.
        setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE)
        if address.family == AF_INET6 { setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        let status = address.withSockaddr { Glibc.bind(descriptor, $0, $1) }
        guard status == 0 else {
            let error = SystemError("bind")
            Glibc.close(descriptor)
            throw error
        }
        guard Glibc.listen(descriptor, backlog) == 0 else {
            let error = SystemError("listen")
            Glibc.close(descriptor)
            throw error
        }
        return BoundSocket(descriptor: descriptor)
    }

    /// None of these options can fail on a fresh TCP socket.
    private static func setOption(
        _ descriptor: Int32,
        _ level: Int32,
        _ option: Int32,
        _ value: Int32 = 1
    ) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    func close() { Glibc.close(descriptor) }
}
