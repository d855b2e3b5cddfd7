import CLibevent
import Glibc

/// Which fields a gateway passes on (RFC 9110 §7.6.1).
extension HeaderList {
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
            named.add(list)
        }
        named.sort()
        forEach { node in
            let name = node.name
            guard !HopByHop.contains(name), !named.contains(name),
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
}

extension UnsafeMutablePointer<evkeyval> {
    fileprivate var name: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointee.key, count: strlen(pointee.key))
    }

    fileprivate var value: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointee.value, count: strlen(pointee.value))
    }
}
