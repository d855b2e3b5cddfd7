import Foundation

/// A connection between a forwarder and its main that can be cut around one request: everything else
/// passes, byte by byte, both ways.
///
/// Used from any thread.
final class LossyLink: Sendable {
    /// What becomes of the next PUT.
    enum Loss: Sendable {
        /// It comes to the forwarder's end of the link, and no further.
        case request
        /// The main has it, and answers; the answer is lost.
        case reply
    }

    let endpoint: Endpoint
    private let listener: Listener
    private let loss = Locked<Loss?>(nil)

    /// Listens at a free port of 127.0.0.1, each connection on a thread of its own.
    init(to main: Endpoint) throws {
        listener = try Listener(Endpoint(host: "127.0.0.1", port: 0))
        endpoint = listener.endpoint
        listener.start { [loss] descriptor in
            Thread {
                Self.serve(descriptor, main, loss)
                close(descriptor)
            }.start()
        }
    }

    deinit { listener.stop() }

    /// Cuts the connection around the next PUT.
    func loseNext(_ next: Loss) { loss.withLock { $0 = next } }

    /// Whether what was to be lost was lost.
    var hasLost: Bool { loss.withLock { $0 == nil } }

    private static func serve(_ descriptor: Int32, _ main: Endpoint, _ loss: Locked<Loss?>) {
        guard let wire = try? WireClient(main) else { return }
        var ends = [descriptor, wire.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        var losesReply = false
        while true {
            guard poll(&ends, 2, -1) > 0 else { continue }
            if ends[0].revents != 0 {
                let bytes = receive(descriptor)
                if bytes.starts(with: Array("PUT ".utf8)) {
                    let next = loss.withLock { loss in
                        defer { loss = nil }
                        return loss
                    }
                    if next == .request { return }
                    losesReply = next == .reply
                }
                guard !bytes.isEmpty, (try? wire.send(bytes)) != nil else { return }
            }
            if ends[1].revents != 0 {
                let bytes = receive(wire.descriptor)
                let connection = FakeConnection(descriptor: descriptor)
                guard !bytes.isEmpty, !losesReply, connection.write(bytes) else { return }
            }
        }
    }

    /// What has come; empty at the end of the connection.
    private static func receive(_ descriptor: Int32) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count >= 0 { return Array(chunk[..<count]) }
            if errno != EINTR { return [] }
        }
    }
}
