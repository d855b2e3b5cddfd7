import CLibevent
import Glibc

/// Which fields a gateway passes on (RFC 9110 §7.6.1).
extension HeaderList {
    /// How many fields of that name, in any case, there are.
    func count(of name: StaticString) -> Int {
        var count = 0
        forEach(name) { _ in count += 1 }
        return count
    }

    /// The values of all fields of that name, in any case, as one list (RFC 9110 §5.3); nil where there is
    /// none.
    func joined(_ name: StaticString) -> String? {
        var values: [String] = []
        forEach(name) { values.append(String(decoding: $0, as: UTF8.self)) }
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Gives the values of all fields of that name, in any case, to `body`, in order.
    func forEach(_ name: StaticString, _ body: (UnsafeRawBufferPointer) -> Void) {
        forEach { node in
            if strcasecmp(node.pointee.key, name.cString) == 0 { body(node.value) }
        }
    }

    /// Writes the end-to-end fields to `lines`, in order.
    ///
    /// - Parameter excluded: More names, in lower case, that are left out.
    func writeEndToEndFields(to lines: inout FieldLines, except excluded: [StaticString]) {
        var named = ConnectionOptions()
        forEach("Connection") { list in
            for member in ListMembers(list) where !Self.isHopByHop(member) { named.add(member) }
        }
        named.sort()
        forEach { node in
            let name = node.name
            guard !Self.isHopByHop(name), !named.contains(name),
                !excluded.contains(where: { name.equalsIgnoringCase($0) })
            else { return }
            lines.begin(name)
            lines.write(node.value)
        }
    }

    /// Runs `body` for each field.
    private func forEach(_ body: (UnsafeMutablePointer<evkeyval>) -> Void) {
        var next = pointer.pointee.tqh_first
        while let node = next {
            body(node)
            next = node.pointee.next.tqe_next
        }
    }

    private static func isHopByHop(_ name: UnsafeRawBufferPointer) -> Bool {
        for other in hopByHop where name.equalsIgnoringCase(other) { return true }
        return false
    }

    /// The fields that concern one connection, and those that frame the message on it.
    private static let hopByHop: [StaticString] = [
        "connection", "content-length", "transfer-encoding", "keep-alive", "te", "trailer",
        "upgrade", "proxy-connection", "proxy-authenticate", "proxy-authorization",
    ]
}

/// What a message's `Connection` fields name, all of them together: `close, X-Hop` means that `X-Hop`
/// is meant for one hop only (RFC 9110 §7.6.1).
///
/// Sorted, so that looking for a name costs little however many there are.
private struct ConnectionOptions {
    private var names: [UnsafeRawBufferPointer] = []

    /// Adds a name, which must outlive this. ``sort()`` comes before ``contains(_:)``.
    mutating func add(_ name: UnsafeRawBufferPointer) { names.append(name) }

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

extension UnsafeMutablePointer<evkeyval> {
    fileprivate var name: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointee.key, count: strlen(pointee.key))
    }

    fileprivate var value: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointee.value, count: strlen(pointee.value))
    }
}
