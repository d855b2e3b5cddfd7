import CLibevent
import EventLoops

extension EventBuffer {
    /// Moves bytes from the front into `room`, all that it has room for.
    func takeFirst(into room: UnsafeMutableRawBufferPointer) {
        evbuffer_remove(pointer, room.baseAddress, room.count)
    }
}
