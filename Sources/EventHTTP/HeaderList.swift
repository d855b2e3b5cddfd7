import CLibevent
import EventLoops
import Wire

/// The list of header fields that evhttp is to print. For use on the loop's thread.
package struct HeaderList {
    let pointer: UnsafeMutablePointer<evkeyvalq>

    /// Adds a copy of a field. Neither part may hold CR or LF.
    ///
    /// - Returns: False where there is no memory for it.
    func add(_ name: StaticString, _ value: String) -> Bool {
        value.withCString { evhttp_add_header(pointer, name.cString, $0) } == 0
    }

    /// Adds a copy of fields that were written as one (``FieldLines``), the first of them `name`.
    ///
    /// - Returns: False where there is no memory for it.
    package func add(_ name: StaticString, lines bytes: UnsafeRawBufferPointer) -> Bool {
        // evhttp frees all three. Its own function would refuse the line breaks.
        let keyBytes = name.utf8CodeUnitCount + 1
        let node = LibeventMemory.allocate(MemoryLayout<evkeyval>.size)
        let value = LibeventMemory.allocate(bytes.count + 1)
        let key = LibeventMemory.allocate(keyBytes)
        guard let node, let value, let key else {
            for block in [node, value, key] { LibeventMemory.release(block) }
            return false
        }
        key.copyMemory(from: name.utf8Start, byteCount: keyBytes)
        UnsafeMutableRawBufferPointer(start: value, count: bytes.count).copyMemory(from: bytes)
        value.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
        let field = node.bindMemory(to: evkeyval.self, capacity: 1)
        field.initialize(to: evkeyval())
        field.pointee.key = key.assumingMemoryBound(to: CChar.self)
        field.pointee.value = value.assumingMemoryBound(to: CChar.self)
        link(field)
        return true
    }

    /// Puts a node that the caller owns at the end. It must be unlinked before evhttp frees the list.
    func link(_ node: UnsafeMutablePointer<evkeyval>) {
        // TAILQ_INSERT_TAIL, which Swift cannot import.
        node.pointee.next.tqe_next = nil
        node.pointee.next.tqe_prev = pointer.pointee.tqh_last
        pointer.pointee.tqh_last.pointee = node
        pointer.pointee.tqh_last = Self.linkOfNext(node)
    }

    /// Takes a node out of this list, which it must be in.
    func unlink(_ node: UnsafeMutablePointer<evkeyval>) {
        // TAILQ_REMOVE.
        let next = node.pointee.next.tqe_next
        let previous = node.pointee.next.tqe_prev
        if let next {
            next.pointee.next.tqe_prev = previous
        } else {
            pointer.pointee.tqh_last = previous
        }
        // Safe: each node of a list has a predecessor's link, if only the head's.
        previous!.pointee = next
    }

    /// The address of a node's link to the next one, which is the node's first field.
    private static func linkOfNext(
        _ node: UnsafeMutablePointer<evkeyval>
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<evkeyval>?> {
        // Safe: `next` is the first field of evkeyval and `tqe_next` the first of that (event2/keyvalq_struct.h).
        UnsafeMutableRawPointer(node).assumingMemoryBound(
            to: UnsafeMutablePointer<evkeyval>?.self
        )
    }
}
