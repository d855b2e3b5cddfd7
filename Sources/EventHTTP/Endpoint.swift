import EventLoops
import Glibc
import Wire

/// The host and port of another instance.
public struct Endpoint: Sendable, Equatable, CustomStringConvertible {
    /// A numeric address, without brackets, or a host name.
    public let host: String
    /// 1 to 65535.
    public let port: UInt16

    /// Reads `host:port`, `10.0.0.20:8080`, `[::1]:8080`; nil where the text is none of these.
    ///
    /// What looks like an IPv4 address must be one: getaddrinfo(3) takes `010.0.0.20` for 8.0.0.20 and
    /// `10.0.20` for 10.0.0.20, and asks name servers for `999.1.1.1`.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Self.port(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard SocketAddress(numericHost: String(host), port: port)?.family == AF_INET6 else {
                return nil
            }
        } else {
            // An IPv6 address needs its brackets.
            let isIPv4 = SocketAddress(numericHost: String(host), port: port)?.family == AF_INET
            guard !host.contains(":"), isIPv4 || Self.isHostName(host) else { return nil }
        }
        self.host = String(host)
        self.port = port
    }

    private static func port(_ text: Substring) -> UInt16? {
        text.utf8.allSatisfy(\.isDigit) ? UInt16(text) : nil
    }

    /// Whether it is a name of labels (RFC 1123 §2.1), with underscores, which containers have in
    /// theirs, and of which the last is no number: that is how addresses are told from names.
    private static func isHostName(_ text: Substring) -> Bool {
        let name = text.utf8.last == UInt8(ascii: ".") ? text.dropLast() : text
        guard name.utf8.count <= 253 else { return false }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy(isLabel) && !labels.suffix(1).contains(where: isNumber)
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy {
                $0.isDigit || ($0 | 0x20) &- 0x61 < 26 || $0 == hyphen || $0 == UInt8(ascii: "_")
            }
    }

    /// Whether some resolver takes it for a number: digits, or hexadecimal ones behind `0x`.
    private static func isNumber(_ label: Substring.UTF8View) -> Bool {
        let prefix = label.prefix(2).map(\.asciiLowercased)
        guard prefix == Array("0x".utf8) else { return label.allSatisfy(\.isDigit) }
        return label.dropFirst(2).allSatisfy { $0.hexDigitValue != nil }
    }

    /// As it stands in `Host`: without the zone of an IPv6 address, which means something on this machine
    /// only (RFC 6874 §4).
    package var hostField: String {
        guard host.contains(":") else { return description }
        return "[\(host.prefix { $0 != "%" })]:\(port)"
    }

    /// As it stands in a URL.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
