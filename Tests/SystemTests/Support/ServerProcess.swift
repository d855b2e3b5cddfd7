import Foundation

/// The built `kvs` program, running.
///
/// It is killed when this object goes out of scope. Safe to use from any thread.
final class ServerProcess: Sendable {
    /// What `init` throws where the program ends, or says nothing, instead of serving.
    struct NotStarted: Error, CustomStringConvertible {
        let status: ExitStatus?
        let standardOutput: String
        let standardError: String

        var description: String {
            "kvs did not start: status \(status.map { "\($0)" } ?? "none, still running"), "
                + "stdout \(standardOutput.debugDescription), "
                + "stderr \(standardError.debugDescription)"
        }
    }

    /// The address it serves at; a restart keeps it.
    let endpoint: Endpoint
    private let arguments: [String]
    private let environment: [String: String]
    private let child: Locked<ChildProcess>

    /// Starts the program and waits until it serves.
    ///
    /// - Parameters:
    ///   - environment: Added to `IP` and `PORT=0`; wins over them.
    ///   - arguments: Flags.
    ///   - ip: The address to serve at.
    ///   - wrapper: A command that becomes the program by `exec`: `["prlimit", "--nofile=64"]`.
    ///   - program: The program itself, or one of the tests' own that serves as it does.
    init(
        _ environment: [String: String] = [:],
        arguments: [String] = [],
        ip: String = "127.0.0.1",
        wrapper: [String] = [],
        program: Program = .kvs
    ) throws {
        let address = ["IP": ip, "PORT": "0"]
        let settings = address.merging(environment) { $1 }
        let command = wrapper + [try program.path()] + arguments
        let child = try ChildProcess(command, environment: Self.environment(adding: settings))
        endpoint = try Self.waitUntilServing(child)
        self.arguments = command
        self.environment = Self.environment(
            adding: settings.merging(["IP": endpoint.host, "PORT": "\(endpoint.port)"]) { $1 }
        )
        self.child = Locked(child)
    }

    /// A main of its own.
    static func main(_ environment: [String: String] = [:]) throws -> ServerProcess {
        try ServerProcess(environment)
    }

    /// A forwarder to the instance at `main`.
    static func forwarder(
        to main: Endpoint,
        _ environment: [String: String] = [:]
    ) throws -> ServerProcess {
        // Sanitized builds on a busy machine need more than 5 s for the largest bodies.
        let role = [
            "ISMAIN": "False", "MAINIP": main.description, "KVS_FORWARD_TIMEOUT": "25s",
        ]
        return try ServerProcess(role.merging(environment) { $1 })
    }

    var pid: pid_t { current.pid }
    var standardOutput: String { current.standardOutput }
    var standardError: String { current.standardError }
    /// How the current run ended; nil while it goes on.
    var exitStatus: ExitStatus? { current.exitStatus }

    /// Asks for a graceful shutdown (SIGTERM); does not wait for it.
    func terminate() { send(signal: SIGTERM) }

    /// Ends it with SIGKILL and waits until it is gone.
    func kill() {
        send(signal: SIGKILL)
        _ = waitForExit()
    }

    /// Stops it in its tracks (SIGSTOP): its sockets stay open, and nobody answers.
    func pause() { send(signal: SIGSTOP) }

    /// Lets it go on after `pause`.
    func resume() { send(signal: SIGCONT) }

    func send(signal: Int32) { current.send(signal: signal) }

    /// Waits for its end; nil when that takes too long.
    func waitForExit(timeout: Duration = .seconds(20)) -> ExitStatus? {
        current.waitForExit(timeout: timeout)
    }

    /// Waits until `find` gives something for what is on stdout; nil at the time-out or its end.
    func waitForOutput<Found>(_ find: (String) -> Found?) -> Found? {
        current.waitForOutput(find)
    }

    /// Ends it with SIGKILL where it still runs, and starts it anew at the same address.
    func restart() throws {
        kill()
        let child = try ChildProcess(arguments, environment: environment)
        _ = try Self.waitUntilServing(child)
        self.child.withLock { $0 = child }
    }

    private var current: ChildProcess { child.withLock { $0 } }

    private static func waitUntilServing(_ child: ChildProcess) throws -> Endpoint {
        let endpoint = child.waitForOutput { output in
            output.firstMatch(of: /url"?[=:]"?http:\/\/([^\s"]+)\/kvs/).flatMap { Endpoint($0.1) }
        }
        guard let endpoint else {
            throw NotStarted(
                status: child.exitStatus,
                standardOutput: child.standardOutput,
                standardError: child.standardError
            )
        }
        return endpoint
    }
}
