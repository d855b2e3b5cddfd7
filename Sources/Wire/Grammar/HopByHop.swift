import Glibc

/// The fields that concern one connection, and those that frame the message on it (RFC 9110 §7.6.1).
enum HopByHop {
    static func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 2: name.equalsIgnoringCase("te")
        case 7: name.equalsIgnoringCase("trailer") || name.equalsIgnoringCase("upgrade")
        case 10: name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
        case 14: name.equalsIgnoringCase("content-length")
        case 16: name.equalsIgnoringCase("proxy-connection")
        case 17: name.equalsIgnoringCase("transfer-encoding")
        case 18: name.equalsIgnoringCase("proxy-authenticate")
        case 19: name.equalsIgnoringCase("proxy-authorization")
        default: false
        }
    }

    /// Whether a gateway passes a request on without that field as it came: it writes some anew, and
    /// answers `Expect` itself.
    static func isOmittedFromRequest(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 3: name.equalsIgnoringCase("via")
        case 4: name.equalsIgnoringCase("host")
        case 6: name.equalsIgnoringCase("expect")
        case 12: name.equalsIgnoringCase("x-request-id")
        case 15: name.equalsIgnoringCase("x-forwarded-for")
        default: contains(name)
        }
    }

    /// The same for a reply: `Date` comes first, and whoever answers the client says which request that was.
    static func isOmittedFromReply(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 4: name.equalsIgnoringCase("date")
        case 12: name.equalsIgnoringCase("x-request-id")
        default: contains(name)
        }
    }
}

/// What a message's `Connection` fields name, all of them together: `close, X-Hop` means that `X-Hop`
/// is meant for one hop only (RFC 9110 §7.6.1).
///
/// Sorted, so that looking for a name costs little however many there are.
struct ConnectionOptions {
    private var names: [UnsafeRawBufferPointer] = []

    /// Adds the members of a `Connection` field, whose bytes must outlive this. ``sort()`` comes before
    /// ``contains(_:)``.
    mutating func add(_ list: UnsafeRawBufferPointer) {
        for member in ListMembers(list) where !HopByHop.contains(member) { names.append(member) }
    }

    mutating func sort() {
        if names.count > 1 { names.sort { Self.compare($0, $1) < 0 } }
    }

    /// Whether that name, in any case, is among them.
    func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        var range = 0..<names.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let order = Self.compare(name, names[middle])
            if order == 0 { return true }
            range = order < 0 ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
        }
        return false
    }

    /// By length first, which tells most names apart.
    private static func compare(
        _ left: UnsafeRawBufferPointer,
        _ right: UnsafeRawBufferPointer
    ) -> Int {
        guard left.count == right.count else { return left.count - right.count }
        guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
        return Int(strncasecmp(first, second, left.count))
    }
}
