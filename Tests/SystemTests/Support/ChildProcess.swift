import Foundation

/// How a process ended.
enum ExitStatus: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)

    /// - Parameter status: As `waitpid` gives it.
    init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }
}

/// One process that the tests started: its output, its signals, its end.
///
/// It is killed and reaped when it goes out of scope. Safe to use from any thread.
final class ChildProcess: Sendable {
    let pid: pid_t
    private let monitor: ProcessMonitor

    /// Starts `arguments[0]` with exactly this environment.
    ///
    /// - Parameter standardInput: A descriptor, which stays the caller's; nil is `/dev/null`.
    init(
        _ arguments: [String],
        environment: [String: String],
        standardInput: Int32? = nil
    ) throws {
        let group = try ProcessGroup.shared.get()
        let output = try StreamPair()
        let errors = try StreamPair()
        defer {
            close(output.write)
            close(errors.write)
        }
        pid = try Spawn(
            arguments: arguments,
            environment: environment,
            standardInput: standardInput,
            standardOutput: output.write,
            standardError: errors.write,
            group: group.id
        ).run()
        monitor = ProcessMonitor(pid: pid, output: output.read, errors: errors.read)
        monitor.start()
    }

    deinit {
        monitor.send(SIGKILL)
        _ = waitForExit()
    }

    /// What it has written to stdout so far (the first 16 MiB).
    var standardOutput: String { String(decoding: standardOutputBytes, as: UTF8.self) }

    var standardOutputBytes: [UInt8] { monitor.read { $0.output } }

    /// What it has written to stderr so far (the first 16 MiB).
    var standardError: String { monitor.read { String(decoding: $0.errors, as: UTF8.self) } }

    /// How it ended; nil while it runs.
    var exitStatus: ExitStatus? { monitor.read { $0.status } }

    /// Sends a signal; nothing happens where the process has ended already.
    func send(signal: Int32) { monitor.send(signal) }

    /// Waits until it has ended and all its output is read; nil when that takes too long.
    func waitForExit(timeout: Duration = .seconds(20)) -> ExitStatus? {
        monitor.wait(timeout: timeout) { $0.status }
    }

    /// Waits until `find` gives something for what is on stdout, or the process ends.
    func waitForOutput<Found>(
        timeout: Duration = .seconds(20),
        _ find: (String) -> Found?
    ) -> Found? {
        let result: Found?? = monitor.wait(timeout: timeout) { state in
            if let found = find(String(decoding: state.output, as: UTF8.self)) {
                return .some(found)
            }
            return state.status == nil ? nil : .some(nil)
        }
        return result ?? nil
    }
}
