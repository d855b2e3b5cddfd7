import CLibevent
import EventLoops

extension EventBuffer {
    static func make() -> EventBuffer {
        guard let pointer = evbuffer_new() else { fatalError("no memory") }
        return EventBuffer(pointer: pointer)
    }

    func free() { evbuffer_free(pointer) }

    /// Moves bytes from the front into `room`, all that it has room for.
    func takeFirst(into room: UnsafeMutableRawBufferPointer) {
        evbuffer_remove(pointer, room.baseAddress, room.count)
    }
}
