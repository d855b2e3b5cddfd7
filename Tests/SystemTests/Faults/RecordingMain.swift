import Foundation

/// A main that gives every request the same reply, and keeps what it was sent. Used from any thread.
final class RecordingMain: Sendable {
    let endpoint: Endpoint
    private let listener: Listener
    private let heads = Locked<[[String]]>([])

    /// Serves at a free port of 127.0.0.1.
    ///
    /// - Parameter reply: Goes out behind each head; requests with a body are not for this main.
    init(reply: String) throws {
        listener = try Listener(Endpoint(host: "127.0.0.1", port: 0))
        endpoint = listener.endpoint
        let heads = heads
        listener.start { descriptor in
            Thread {
                let connection = FakeConnection(descriptor: descriptor)
                while let (request, fields) = connection.readHead() {
                    let isProbe = request.target == "/livez"
                    if !isProbe { heads.withLock { $0.append(fields) } }
                    connection.write(reply)
                }
                close(descriptor)
            }.start()
        }
    }

    deinit { listener.stop() }

    /// The header fields of each request so far, `name: value` in lower case.
    var receivedFields: [[String]] { heads.withLock { $0 } }
}
