import EventLoops
import Glibc
import KVSServer

/// Where servers of this program listen, by proc(5): the only place that knows it for sure, however the
/// address was given.
enum ListeningSockets {
    /// Those of every process in sight, each once. One that means all addresses of the machine is given as
    /// the loopback address. Processes of other users and of other network namespaces are not in sight.
    static func ofThisProgram() -> [SocketAddress] {
        guard let program = identity(of: "/proc/self/exe") else { return [] }
        let network = identity(of: "/proc/self/ns/net")
        var found: [String: SocketAddress] = [:]
        for entry in names(in: "/proc") {
            guard let pid = pid_t(entry), pid != getpid(),
                owner(of: "/proc/\(pid)") == geteuid(),
                identity(of: "/proc/\(pid)/exe") == program,
                identity(of: "/proc/\(pid)/ns/net") == network
            else { continue }
            let sockets = Set(
                names(in: "/proc/\(pid)/fd").compactMap { link("/proc/\(pid)/fd/\($0)") }
            )
            for table in ["tcp", "tcp6"] {
                for address in addresses(in: "/proc/self/net/\(table)", of: sockets) {
                    found[address.description] = address
                }
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func identity(of path: String) -> [UInt64]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    private static func owner(of path: String) -> uid_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_uid : nil
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names
    }

    private static func link(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: 64)
        // One less, so that a zero ends it.
        return readlink(path, &target, target.count - 1) < 0 ? nil : string(target)
    }

    /// The listening ones among `sockets` (`socket:[INODE]`).
    private static func addresses(in table: String, of sockets: Set<String>) -> [SocketAddress] {
        // sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode …
        lines(of: table) { fields, isLast in
            // The kernel gives those that listen before all connections, and of these there may be many.
            isLast = fields.count > 3 && fields[3] != "0A" && fields[0] != "sl"
            guard fields.count > 9, fields[3] == "0A", sockets.contains("socket:[\(fields[9])]")
            else {
                return nil
            }
            return address(of: fields[1])
        }
    }

    /// `0100007F:1F90`: 32-bit words as this machine has them in memory, and a port.
    private static func address(of field: Substring) -> SocketAddress? {
        let parts = field.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while let word = UInt32(rest.prefix(8), radix: 16) {
            withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
            rest = rest.dropFirst(8)
        }
        let isIPv4 = bytes.count == 4
        guard isIPv4 || bytes.count == 16 else { return nil }
        if bytes.allSatisfy({ $0 == 0 }) {
            return SocketAddress(numericHost: isIPv4 ? "127.0.0.1" : "::1", port: port)
        }
        var text = [CChar](repeating: 0, count: 64)
        let family = isIPv4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        let host = string(text)
        guard host.hasPrefix("fe80:"), let scope = interface(of: bytes) else {
            return SocketAddress(numericHost: host, port: port)
        }
        return SocketAddress(numericHost: "\(host)%\(scope)", port: port)
    }

    /// The interface that has this link-local address: the table of sockets does not name it.
    private static func interface(of bytes: [UInt8]) -> Substring? {
        let wanted = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return lines(of: "/proc/self/net/if_inet6") { fields, _ in
            fields.first == wanted[...] ? fields.last : nil
        }.first
    }

    /// What `take` finds in each line, split at white space.
    private static func lines<Found>(
        of path: String,
        _ take: (_ fields: [Substring], _ isLast: inout Bool) -> Found?
    ) -> [Found] {
        guard let stream = fopen(path, "re") else { return [] }
        defer { fclose(stream) }
        var found: [Found] = []
        var line = [CChar](repeating: 0, count: 512)
        var isLast = false
        while !isLast, fgets(&line, Int32(line.count), stream) != nil {
            let fields = string(line).split(whereSeparator: \.isWhitespace)
            if let one = take(fields, &isLast) { found.append(one) }
        }
        return found
    }

    private static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
