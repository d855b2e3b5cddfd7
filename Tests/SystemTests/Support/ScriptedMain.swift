import Foundation

/// A main that does with each request what a script says, and keeps what it was sent.
///
/// `/livez`, by which a forwarder looks whether it is back, is always answered well and not kept.
/// Used from any thread.
final class ScriptedMain: Sendable {
    /// What to do with a request that has been read whole; false where the connection is over.
    typealias Script = @Sendable (FakeConnection.Request, FakeConnection) -> Bool

    let endpoint: Endpoint
    private let listener: Listener
    private let record = Locked(Record())

    private struct Record {
        var requests: [FakeConnection.Request] = []
        var connections = 0
    }

    /// Serves at a free port of 127.0.0.1, each connection on a thread of its own.
    init(_ script: @escaping Script) throws {
        listener = try Listener(Endpoint(host: "127.0.0.1", port: 0))
        endpoint = listener.endpoint
        let record = record
        listener.start { descriptor in
            record.withLock { $0.connections += 1 }
            Thread {
                let connection = FakeConnection(descriptor: descriptor)
                while let request = connection.readRequest(onHead: { _ in }) {
                    if request.target == "/livez" {
                        connection.write(Self.reply())
                        continue
                    }
                    record.withLock { $0.requests.append(request) }
                    guard script(request, connection) else { break }
                }
                close(descriptor)
            }.start()
        }
    }

    deinit { listener.stop() }

    /// The requests so far, in the order in which they were complete.
    var requests: [FakeConnection.Request] { record.withLock { $0.requests } }

    /// The connections so far.
    var connectionCount: Int { record.withLock { $0.connections } }

    /// A whole reply, in JSON unless `type` says otherwise.
    ///
    /// - Parameter fields: Whole lines (`Name: value`) in front of the others.
    static func reply(
        _ status: String = "200 OK",
        fields: [String] = [],
        type: String = "application/json",
        body: String = #"{"msg":"success"}"#
    ) -> String {
        let own = ["Content-Type: \(type)", "Content-Length: \(body.utf8.count)"]
        return (["HTTP/1.1 \(status)"] + fields + own).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    /// A value as it is.
    static func value(_ value: String, fields: [String] = []) -> String {
        reply(fields: fields, type: "application/octet-stream", body: value)
    }
}
