import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// A socket, and the client at its other end: bytes on their way, edges of epoll, a window.
///
/// What the kernel has, the server can read; but of what has changed it hears later, by an edge.
final class SimulatedStream: ByteStream {
    unowned let simulation: ServerSimulation
    let index: Int
    /// What the kernel has, and nobody has read.
    private var input: [UInt8] = []
    private var inputStart = 0
    /// What the client has not taken.
    private(set) var output: [UInt8] = []
    private let window: Int
    private(set) var hasFinished = false
    private(set) var isReset = false
    private(set) var isClosed = false
    /// Whether our half has ended.
    private(set) var isShut = false
    private var lowWater = 1
    /// All bytes that the client has sent, and those that were read.
    private(set) var bytesArrived = 0
    private(set) var bytesRead = 0

    private(set) var mayRead = false
    private(set) var isFull = false
    private(set) var peerHasFinished = false

    init(_ simulation: ServerSimulation, index: Int, window: Int) {
        self.simulation = simulation
        self.index = index
        self.window = window
    }

    private var available: Int { input.count - inputStart }

    // MARK: - The client's side

    /// - Returns: False where nobody will read it.
    func arrive(_ bytes: some Sequence<UInt8>) -> Bool {
        // Who sends to a closed socket is reset, and loses what he has not read. Who was refused in the middle of
        // sending cannot know better.
        if isClosed, simulation.isRefused(index) { reset() }
        guard !isReset, !isClosed else { return false }
        let before = input.count
        input.append(contentsOf: bytes)
        bytesArrived += input.count - before
        if available >= lowWater { simulation.edge(at: index) }
        return true
    }

    func finish() {
        hasFinished = true
        simulation.edge(at: index)
    }

    func reset() {
        isReset = true
        dropInput()
        output.removeAll()
        simulation.edge(at: index)
    }

    /// - Returns: What the client reads, at most so many bytes.
    func take(_ count: Int) -> [UInt8] {
        let taken = Array(output.prefix(count))
        output.removeFirst(taken.count)
        if isFull, output.count < window { simulation.edge(at: index) }
        return taken
    }

    /// The edge is told.
    func tell() {
        if hasFinished || isReset { peerHasFinished = true }
        mayRead = mayRead || peerHasFinished || available >= lowWater
        if output.count < window { isFull = false }
    }

    // MARK: - The server's side

    func lookAgain() { mayRead = true }

    func hasInput() -> Bool { available > 0 || hasFinished || isReset }

    func wakeUp(atBytes count: Int) { lowWater = count }

    func read(into room: UnsafeMutableRawBufferPointer) -> Transport.Read {
        simulation.call(self, isRead: true)
        return note(read(atMost: room.count) { room.copyBytes(from: $0) }, of: room.count)
    }

    func read(into buffer: EventBuffer, room: Int, atMost count: Int) -> Transport.Read {
        simulation.call(self, isRead: true)
        if simulation.fails() { return .noMemory }
        let wanted = min(room, count)
        return note(read(atMost: wanted) { _ = buffer.append($0) }, of: wanted)
    }

    func discard(atMost count: Int) -> Transport.Read {
        simulation.call(self, isRead: false)
        return note(read(atMost: count) { _ in }, of: count)
    }

    private func read(atMost count: Int, _ use: (UnsafeRawBufferPointer) -> Void) -> Int {
        let taken = min(count, available)
        guard taken > 0 else { return isReset ? -104 : (hasFinished ? 0 : -11) }
        input.withUnsafeBytes {
            use(UnsafeRawBufferPointer(rebasing: $0[inputStart..<inputStart + taken]))
        }
        inputStart += taken
        bytesRead += taken
        if available == 0 { dropInput() }
        return taken
    }

    private func dropInput() {
        input.removeAll()
        inputStart = 0
    }

    private func note(_ count: Int, of wanted: Int) -> Transport.Read {
        simulation.trace("    \(index) reads \(count) of \(wanted)")
        if count > 0 {
            mayRead = count == wanted || peerHasFinished
            return .bytes(count)
        }
        // A signal came between.
        if count == -11, simulation.random.chance(2) { return .nothing }
        mayRead = false
        return count == 0 ? .end : (count == -11 ? .nothing : .failed(Int32(-count)))
    }

    func write(_ buffer: EventBuffer) -> Int32 {
        simulation.call(self, isRead: false)
        let count = buffer.count
        if isReset || isShut { return 32 }
        let taken = min(count, max(0, window - output.count))
        var bytes = [UInt8](repeating: 0, count: taken)
        bytes.withUnsafeMutableBytes { buffer.takeFirst(into: $0) }
        output.append(contentsOf: bytes)
        if taken < count { isFull = true }
        simulation.trace("    \(index) writes \(taken) of \(count)")
        if taken > 0 { simulation.clientHears(index) }
        return 0
    }

    func write(_ text: inout String) -> Bool {
        guard !isReset, !isShut, output.count + text.utf8.count <= window else { return false }
        output.append(contentsOf: Array(text.utf8))
        simulation.clientHears(index)
        return true
    }

    /// Our half of the stream has ended.
    func shut() {
        isShut = true
        simulation.clientHears(index)
    }

    func close() {
        if isClosed { simulation.violate("a socket is closed once") }
        simulation.closes(self)
        isClosed = true
        simulation.trace("    \(index) closes")
        // What nobody has read is answered by a reset, which destroys what the client has not taken.
        if available > 0 { reset() } else { isShut = true }
        dropInput()
        simulation.clientHears(index)
    }
}
