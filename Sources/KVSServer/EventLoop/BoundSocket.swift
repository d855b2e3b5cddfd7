import Glibc

/// A TCP socket, bound and ready to listen, for one of several loops.
struct BoundSocket {
    /// Non-blocking, close-on-exec. Whoever takes the value closes it.
    let descriptor: Int32

    /// Binds one socket for each loop, all to the same address; the kernel spreads connections over them.
    ///
    /// - Parameters:
    ///   - address: Port 0 stands for any free port, the same for all.
    ///   - count: At least 1.
    /// - Throws: ``SystemError`` with EADDRINUSE or EADDRNOTAVAIL where the address is not to be had.
    static func bind(
        to address: SocketAddress,
        count: Int
    ) throws(SystemError) -> (sockets: [BoundSocket], address: SocketAddress) {
        // With SO_REUSEPORT a second server on the same port would be let in silently and get half of
        // the connections. So the first look is without it.
        let probe = try bind(to: address, reusingPort: false)
        let bound: SocketAddress
        do throws(SystemError) {
            bound = try SocketAddress.ofSocket(probe.descriptor)
        } catch {
            probe.close()
            throw error
        }
        probe.close()
        var sockets: [BoundSocket] = []
        do throws(SystemError) {
            for _ in 0..<count { sockets.append(try bind(to: bound, reusingPort: true)) }
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
        return (sockets, bound)
    }

    private static func bind(
        to address: SocketAddress,
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
