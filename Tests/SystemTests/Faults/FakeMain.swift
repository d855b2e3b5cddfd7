import Foundation

/// A main that fails as it is told: sockets and threads, no HTTP server.
///
/// It answers well until `begin(_:)`, and again after `end(keepsAlive:)`, at the same address. Used
/// from any thread.
// Safe: `state` is only touched while `condition` is locked; all else is constant.
final class FakeMain: FaultyMain, @unchecked Sendable {
    private struct State {
        var shape: FaultShape?
        var keepsAlive = true
        var listener: Listener?
        /// The open connections, and which of them wait for a request.
        var connections: [ObjectIdentifier: (connection: FakeConnection, isIdle: Bool)] = [:]
        /// Connections on which a shape is being played.
        var playing = 0
        var seen: [String: Int] = [:]
    }

    let endpoint: Endpoint
    private let condition = NSCondition()
    private var state = State()

    /// Serves at a free port of the address, and answers well.
    init(ip: String) throws {
        let listener = try Listener(Endpoint(host: ip, port: 0))
        endpoint = listener.endpoint
        start(listener)
    }

    /// Ends every connection and stops to listen.
    func stop() {
        stopListening()
        shutDownConnections()
    }

    func begin(_ shape: FaultShape) throws {
        locked { $0.shape = shape }
        switch shape {
        case .refused, .unreachable:
            stopListening()
            shutDownConnections()
            if shape == .unreachable { try fillBacklog() }
        case .noticeOnIdle, .strayReplyOnIdle:
            locked { state in
                for (connection, isIdle) in state.connections.values where isIdle {
                    let isNotice = shape == .noticeOnIdle
                    connection.write(
                        isNotice ? FaultScript.timeoutNotice : FaultScript.strayReply
                    )
                    if isNotice { shutdown(connection.descriptor, Int32(SHUT_WR)) }
                }
            }
        default: break
        }
    }

    func end(keepsAlive: Bool) throws {
        let wasListening = locked { state in
            state.keepsAlive = keepsAlive
            defer { state.shape = nil }
            return state.shape != .refused && state.shape != .unreachable
        }
        if !wasListening {
            locked { $0.listener = nil }
            start(try Listener(endpoint))
        }
    }

    func sightings(ofTarget target: String) -> Int? {
        locked { $0.seen[target, default: 0] }
    }

    /// How many requests it has begun to receive in all.
    var requestCount: Int { locked { $0.seen.values.reduce(0, +) } }

    func waitUntilShapesAreOver() -> Bool {
        let deadline = Date(timeIntervalSinceNow: 10)
        condition.lock()
        defer { condition.unlock() }
        while state.playing > 0 {
            guard condition.wait(until: deadline) else { return state.playing == 0 }
        }
        return true
    }

    private func locked<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body(&state)
    }

    // MARK: Listening

    private func start(_ listener: Listener) {
        locked { $0.listener = listener }
        listener.start { [weak self] descriptor in
            guard let self else {
                close(descriptor)
                return
            }
            Thread { self.serve(descriptor) }.start()
        }
    }

    private func stopListening() {
        locked { state in
            state.listener?.stop()
            state.listener = nil
        }
    }

    /// Listens again at the address, and lets nobody in.
    private func fillBacklog() throws {
        let listener = try Listener(endpoint)
        try listener.fillBacklog()
        locked { $0.listener = listener }
    }

    private func shutDownConnections() {
        locked { state in
            for (connection, _) in state.connections.values {
                shutdown(connection.descriptor, Int32(SHUT_RDWR))
            }
        }
    }

    // MARK: Serving

    private func serve(_ descriptor: Int32) {
        let connection = FakeConnection(descriptor: descriptor)
        let id = ObjectIdentifier(connection)
        locked { $0.connections[id] = (connection, true) }
        while serveOne(connection, id) {}
        locked { state in
            state.connections[id] = nil
            close(descriptor)
        }
    }

    /// Serves one request; false where the connection is to be closed.
    private func serveOne(_ connection: FakeConnection, _ id: ObjectIdentifier) -> Bool {
        if locked({ $0.shape }) != .resetAtOnce {
            connection.waitUntilReadable()
        }
        let (shape, keepsAlive) = locked { state in
            state.connections[id]?.isIdle = false
            if state.shape != nil { state.playing += 1 }
            return (state.shape, state.keepsAlive)
        }
        defer {
            if shape != nil { locked { $0.playing -= 1 } }
        }
        switch shape {
        case .resetAtOnce:
            connection.resetOnClose()
            return false
        case .resetAfterHead:
            if let (request, _) = connection.readHead() { note(request) }
            connection.resetOnClose()
            return false
        default: break
        }
        guard let request = connection.readRequest(onHead: note) else { return false }
        // What follows a reply on an idle connection must find the connection marked as idle.
        locked { $0.connections[id]?.isIdle = true }
        if let shape { return FaultScript.play(shape, to: request, on: connection) }
        connection.write(FaultScript.goodReply(to: request, keepsAlive: keepsAlive))
        return keepsAlive
    }

    private func note(_ request: FakeConnection.Request) {
        locked { $0.seen[request.target, default: 0] += 1 }
    }
}
