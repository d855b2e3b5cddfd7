/// A host and a port, written as in a URL: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: UInt16

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Takes `host:port`, or a URL such as `http://host:port/…`; the port is 8080 where none is given.
    init?(_ text: some StringProtocol) {
        var rest = String(text)
        if rest.hasPrefix("http://") {
            rest.removeFirst("http://".count)
        }
        if let slash = rest.firstIndex(of: "/") {
            rest = String(rest[..<slash])
        }
        let isBracketed = rest.hasPrefix("[")
        let hostEnd =
            isBracketed
            ? rest.firstIndex(of: "]").map { rest.index(after: $0) }
            : rest.firstIndex(of: ":") ?? rest.endIndex
        guard let hostEnd else { return nil }
        let host = isBracketed ? rest[..<hostEnd].dropFirst().dropLast() : rest[..<hostEnd]
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        if hostEnd == rest.endIndex {
            port = 8080
        } else {
            guard rest[hostEnd] == ":",
                let number = UInt16(rest[rest.index(after: hostEnd)...])
            else { return nil }
            port = number
        }
    }

    var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
