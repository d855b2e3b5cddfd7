import Foundation
import Testing

/// The program with a full pipe where its output goes.
final class UnreadServer {
    enum Streams: CaseIterable { case standardOutput, standardError, both }

    let endpoint: Endpoint
    private let pid: pid_t
    private var status: ExitStatus?

    init(_ settings: [String: String], pipe: FullPipe, full: Streams = .standardOutput) throws {
        // Nobody can read where it serves: a port that was free a moment ago, of an address that
        // no other test takes ports of.
        endpoint = Endpoint(host: "127.0.0.46", port: try Self.freePort())
        let own = ["IP": endpoint.host, "PORT": "\(endpoint.port)"]
        pid = try Spawn(
            arguments: [try ServerProcess.Program.kvs.path()],
            environment: ServerProcess.environment(adding: own.merging(settings) { $1 }),
            standardInput: nil,
            standardOutput: full == .standardError ? nil : pipe.writeEnd,
            standardError: full == .standardOutput ? nil : pipe.writeEnd,
            group: try ProcessGroup.shared.get().id
        ).run()
    }

    deinit {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        _ = waitForExit()
    }

    func send(_ signal: Int32) { kill(pid, signal) }

    /// Nil where it still runs after 20 s.
    func waitForExit() -> ExitStatus? {
        var raw: Int32 = 0
        guard eventually(within: .seconds(20), { waitpid(pid, &raw, WNOHANG) == pid }) else {
            return nil
        }
        status = ExitStatus(waitStatus: raw)
        return status
    }

    private static func freePort() throws -> UInt16 {
        let listener = try Listener(Endpoint(host: "127.0.0.46", port: 0))
        defer { listener.stop() }
        return listener.endpoint.port
    }
}
