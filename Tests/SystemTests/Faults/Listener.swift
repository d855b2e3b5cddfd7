import Foundation

/// A listening socket whose accept loop can be ended at any time, so that its port is free again.
// Safe: `fillers` is touched before the listener is shared, `isAccepting` while `condition` is
// locked; all else is constant.
final class Listener: @unchecked Sendable {
    let endpoint: Endpoint
    private let descriptor: Int32
    private let wake: StreamPair
    private let condition = NSCondition()
    private var isAccepting = false
    private var fillers: [Int32] = []

    /// Binds and listens; a port of 0 takes a free one.
    init(_ wanted: Endpoint) throws {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        self.descriptor = descriptor
        wake = try StreamPair()
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        var address = Self.address(of: wanted)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard Self.call(bind, descriptor, &address, length) == 0, listen(descriptor, 128) == 0
        else { throw SystemCallError("listen at \(wanted)") }
        var bound = sockaddr_in()
        var boundLength = length
        withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &boundLength)
            }
        }
        endpoint = Endpoint(host: wanted.host, port: UInt16(bigEndian: bound.sin_port))
    }

    deinit {
        for filler in fillers { close(filler) }
        for end in [descriptor, wake.read, wake.write] { close(end) }
    }

    /// Accepts on a thread of its own until `stop`; each socket is `accept`'s to close.
    func start(_ accept: @escaping @Sendable (Int32) -> Void) {
        condition.lock()
        isAccepting = true
        condition.unlock()
        Thread {
            self.acceptLoop(accept)
            self.condition.lock()
            self.isAccepting = false
            self.condition.broadcast()
            self.condition.unlock()
        }.start()
    }

    /// Ends the accept loop, waits until it is over, and refuses connections from then on.
    func stop() {
        shutdown(wake.write, Int32(SHUT_RDWR))
        condition.lock()
        while isAccepting { condition.wait() }
        condition.unlock()
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Makes the kernel drop every further connection request: the queue of those that nobody
    /// accepts is full.
    func fillBacklog() throws {
        listen(descriptor, 0)
        var address = Self.address(of: endpoint)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let type = Int32(
            SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        )
        for _ in 0..<8 {
            let filler = socket(AF_INET, type, 0)
            fillers.append(filler)
            _ = Self.call(connect, filler, &address, length)
            var polled = pollfd(fd: filler, events: Int16(POLLOUT), revents: 0)
            if poll(&polled, 1, 20) == 0 { return }
        }
        throw SystemCallError("filling the backlog of \(endpoint)", code: EISCONN)
    }

    private func acceptLoop(_ accept: (Int32) -> Void) {
        var polled = [descriptor, wake.read].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while true {
            guard poll(&polled, 2, -1) > 0 else { continue }
            if polled[1].revents != 0 { return }
            let accepted = Glibc.accept(descriptor, nil, nil)
            guard accepted >= 0 else { continue }
            // `accept4` is not part of the Glibc module.
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            accept(accepted)
        }
    }

    private static func address(of endpoint: Endpoint) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = endpoint.port.bigEndian
        inet_pton(AF_INET, endpoint.host, &address.sin_addr)
        return address
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32,
        _ descriptor: Int32,
        _ address: inout sockaddr_in,
        _ length: socklen_t
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, length)
            }
        }
    }
}
