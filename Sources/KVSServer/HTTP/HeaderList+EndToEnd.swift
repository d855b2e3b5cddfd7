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
        let connection = first("Connection")
        forEach { node in
            guard isEndToEnd(node.name, connection: connection, except: excluded) else { return }
            lines.begin(node.name)
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

    private func isEndToEnd(
        _ name: UnsafeRawBufferPointer,
        connection: UnsafeRawBufferPointer?,
        except excluded: [StaticString]
    ) -> Bool {
        for other in Self.hopByHop where name.equalsIgnoringCase(other) { return false }
        for other in excluded where name.equalsIgnoringCase(other) { return false }
        // `Connection: close, X-Hop`: the sender names further fields that are meant for one hop only.
        if let connection, connection.listContains(bytes: name) { return false }
        return true
    }

    /// The fields that concern one connection, and those that frame the message on it.
    private static let hopByHop: [StaticString] = [
        "connection", "content-length", "transfer-encoding", "keep-alive", "te", "trailer",
        "upgrade", "proxy-connection", "proxy-authenticate", "proxy-authorization",
    ]
}

extension UnsafeMutablePointer<evkeyval> {
    fileprivate var name: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointee.key, count: strlen(pointee.key))
    }

    fileprivate var value: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointee.value, count: strlen(pointee.value))
    }
}
