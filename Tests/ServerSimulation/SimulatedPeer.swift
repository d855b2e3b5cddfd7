import Basics
import EventLoops
import Wire

@testable import EventHTTP

#if canImport(TestSupport)
    import TestSupport
#endif

/// What evhttp does, without evhttp: holds one request, prints its reply, and may lack memory.
final class SimulatedPeer: ReplyPeer {
    private let simulation: ServerSimulation
    private let stream: SimulatedStream
    private(set) var hasGone = false
    private(set) var holdsRequest = false
    let replyBody: EventBuffer
    let output: EventBuffer
    /// Whether the guard has answered.
    private(set) var hasRefused = false
    /// Whether a reply was printed of which nobody has told that it has left.
    private var hasReply = false
    private var hasLastReply = false
    private var length = 0

    init(_ simulation: ServerSimulation, _ stream: SimulatedStream) {
        self.simulation = simulation
        self.stream = stream
        guard let body = EventBuffer.make(), let output = EventBuffer.make() else {
            fatalError("no memory")
        }
        replyBody = body
        self.output = output
    }

    deinit {
        replyBody.free()
        output.free()
    }

    var address: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    func takeRequest() -> Bool {
        if hasGone || holdsRequest || hasReply {
            simulation.violate("evhttp gets one request at a time, and none once it has gone")
        }
        guard !simulation.fails() else {
            if simulation.random.chance(30) { end() }
            return false
        }
        holdsRequest = true
        return true
    }

    func reserveHead() -> Bool { !simulation.fails() }

    func prepare(
        _ type: ContentType,
        _ persistence: Persistence,
        id: UnsafeRawBufferPointer,
        length: Int?,
        fields: [(StaticString, String)],
        lines: (inout ReplyLines) -> Void
    ) -> Bool {
        self.length = length ?? 0
        return !simulation.fails()
    }

    func prepare(
        relaying reply: HTTPClientReply,
        _ persistence: Persistence,
        id: UnsafeRawBufferPointer,
        length: Int?
    ) -> Bool { false }

    func reply(
        _ code: Int,
        _ reason: UnsafePointer<CChar>,
        version11: Bool,
        isLast: Bool,
        idleSeconds: Int?
    ) -> Bool {
        if !holdsRequest { simulation.violate("a reply is printed for a request that waits") }
        holdsRequest = false
        if simulation.fails() { return false }
        hasReply = true
        hasLastReply = isLast
        simulation.hasPrinted(on: stream, isLast: isLast)
        let head =
            "HTTP/1.1 \(code) OK\r\nContent-Length: \(length)\r\n"
            + (isLast ? "Connection: close\r\n\r\n" : "\r\n")
        return output.append(head) && output.moveAll(from: replyBody)
    }

    func replyHasLeft() {
        if !hasReply { simulation.violate("evhttp hears once that a reply has left") }
        if !output.isEmpty { simulation.violate("a reply has left when nothing of it is there") }
        hasReply = false
        // As evhttp does behind the last one.
        if hasLastReply || simulation.fails() { end() }
    }

    func clear() {
        guard !hasGone else { return }
        hasReply = false
        holdsRequest = false
        output.removeAll()
        replyBody.removeAll()
    }

    /// Only the guard's own answers ask for it.
    func dateText() -> String {
        hasRefused = true
        return "Thu, 01 Jan 1970 00:00:00 GMT"
    }

    func end() {
        guard !hasGone else { return }
        hasGone = true
        holdsRequest = false
        hasReply = false
        output.removeAll()
        replyBody.removeAll()
        stream.shut()
    }
}
