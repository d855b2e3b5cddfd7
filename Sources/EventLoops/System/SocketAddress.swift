// Whether Glibc or CLibevent has some constants of <sys/socket.h> and <netinet/in.h> depends on which of both the
// compiler has met first.
import Basics
import CLibevent
import Glibc

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
    private var storage = sockaddr_storage()
    private let length: socklen_t

    /// - Parameters:
    ///   - host: A numeric address, without brackets; an IPv6 address may name its scope (`fe80::1%eth0`).
    ///   - port: In host byte order.
    /// - Returns: nil where `host` is no numeric address.
    package init?(numericHost host: String, port: UInt16) {
        // getaddrinfo would take 127.1 and 127.0.0 as well.
        var ipv4 = in_addr()
        guard host.contains(":") || inet_pton(AF_INET, host, &ipv4) == 1 else { return nil }
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard let first = Self.lookUp(host: host, port: port, hints: hints).first else {
            return nil
        }
        self = first
    }

    private init(copying address: UnsafePointer<sockaddr>, length: socklen_t) {
        self.length = length
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
    }

    /// The addresses of a host, by the system's resolver. Blocks: never call it on a loop's thread.
    package static func resolve(host: String, port: UInt16) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        return lookUp(host: host, port: port, hints: hints)
    }

    private static func lookUp(host: String, port: UInt16, hints: addrinfo) -> [SocketAddress] {
        var hints = hints
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr,
                entry.ai_family == AF_INET || entry.ai_family == AF_INET6
            {
                addresses.append(SocketAddress(copying: address, length: entry.ai_addrlen))
            }
            next = entry.ai_next
        }
        return addresses
    }

    /// The address that a bound socket has got.
    static func ofSocket(_ descriptor: Int32) throws(SystemError) -> SocketAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        guard status == 0 else { throw SystemError("getsockname") }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                SocketAddress(copying: $0, length: length)
            }
        }
    }

    /// connect(2).
    ///
    /// - Returns: 0, or -1 where `errno` says why.
    package func connect(_ descriptor: Int32) -> Int32 {
        withSockaddr { Glibc.connect(descriptor, $0, $1) }
    }

    func withSockaddr<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    package var family: Int32 { Int32(storage.ss_family) }

    /// The address alone, numeric, without brackets.
    package var host: String { nameInfo().host }

    package var port: UInt16 { UInt16(nameInfo().port) ?? 0 }

    /// `127.0.0.1:8080`, or `[::1]:8080`: as it stands in a URL.
    package var description: String {
        let (host, port) = nameInfo()
        return family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private func nameInfo() -> (host: String, port: String) {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let status = withSockaddr { address, length in
            getnameinfo(
                address,
                length,
                &host,
                socklen_t(host.count),
                &port,
                socklen_t(port.count),
                NI_NUMERICHOST | NI_NUMERICSERV
            )
        }
        guard status == 0 else { return ("?", "0") }
        func text(_ characters: [CChar]) -> String {
            String(
                decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
        }
        return (text(host), text(port))
    }

    package static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        // The bytes that name nothing (sin_zero, padding) are zero, or the resolver's, which zeroes them.
        left.length == right.length
            && withUnsafeBytes(of: left.storage) { left in
                withUnsafeBytes(of: right.storage) { left.elementsEqual($0) }
            }
    }
}

extension SocketAddress {
    /// Whether it stands for all addresses of the machine.
    var isWildcard: Bool { host == "0.0.0.0" || host == "::" }

    /// Whether what is sent to the address stays on this machine. The kernel's routes say so, whatever a
    /// socket may be bound to (`net.ipv4.ip_nonlocal_bind`): it then comes from that very address.
    var isOfThisMachine: Bool {
        // To all of 127.0.0.0/8 the kernel sends from 127.0.0.1.
        if family == AF_INET, host.hasPrefix("127.") { return true }
        guard let target = SocketAddress(numericHost: host, port: 9) else { return false }
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Connecting a UDP socket sends nothing.
        guard target.connect(descriptor) == 0 else { return false }
        return (try? SocketAddress.ofSocket(descriptor))?.host == host
    }

    /// Whether a connection to `other` reaches a socket that listens here, the ports being the same.
    ///
    /// A socket at `::` listens at the IPv4 addresses as well; one at 0.0.0.0 at no IPv6 address.
    package func isReached(by other: SocketAddress) -> Bool {
        let (own, target) = (withoutMapping, other.withoutMapping.destination)
        if own.isWildcard {
            return (own.family == AF_INET6 || target.family == AF_INET) && target.isOfThisMachine
        }
        return own.host == target.host
    }

    /// The IPv4 address where it is one in the form of an IPv6 address (`::ffff:10.0.0.20`).
    private var withoutMapping: SocketAddress {
        let prefix = "::ffff:"
        guard host.hasPrefix(prefix) else { return self }
        return SocketAddress(numericHost: String(host.dropFirst(prefix.count)), port: port) ?? self
    }

    /// Where a connection to the address goes: for a wildcard, to the loopback address.
    private var destination: SocketAddress {
        guard isWildcard else { return self }
        let loopback = family == AF_INET6 ? "::1" : "127.0.0.1"
        return SocketAddress(numericHost: loopback, port: port) ?? self
    }
}
