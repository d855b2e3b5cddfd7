import Foundation

/// Reads a child's output on a thread of its own, and reaps the child when it has ended.
//
// Safe: `state` is only touched while `condition` is locked; all else is constant.
final class ProcessMonitor: @unchecked Sendable {
    struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        /// Set once the child is reaped.
        var status: ExitStatus?
    }

    /// Of each stream so much is kept, the rest is read and dropped.
    private static let maxOutputBytes = 16 << 20

    private let pid: pid_t
    private let output: Int32
    private let errors: Int32
    private let condition = NSCondition()
    private var state = State()

    /// - Parameters:
    ///   - pid: A child of this process.
    ///   - output: The reading end of its stdout; owned, and closed at its end.
    ///   - errors: The same of stderr.
    init(pid: pid_t, output: Int32, errors: Int32) {
        self.pid = pid
        self.output = output
        self.errors = errors
    }

    func start() {
        Thread { self.run() }.start()
    }

    func read<Result>(_ body: (State) -> Result) -> Result {
        condition.lock()
        defer { condition.unlock() }
        return body(state)
    }

    /// Sends a signal, unless the child is reaped and its number may be another process's by now.
    func send(_ signal: Int32) {
        condition.lock()
        defer { condition.unlock() }
        if state.status == nil {
            kill(pid, signal)
        }
    }

    /// Waits until `body`, called again after each change, gives a value; nil at the time-out.
    func wait<Result>(timeout: Duration, for body: (State) -> Result?) -> Result? {
        let deadline = Date(timeIntervalSinceNow: timeout / .seconds(1))
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = body(state) { return result }
            guard condition.wait(until: deadline) else { return body(state) }
        }
    }

    private func run() {
        var polled = [output, errors].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while polled.contains(where: { $0.fd >= 0 }) {
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            for index in polled.indices where polled[index].revents != 0 {
                let count = Glibc.read(polled[index].fd, &chunk, chunk.count)
                if count > 0 {
                    append(chunk[..<count], toErrors: index == 1)
                } else if count == 0 || errno != EINTR {
                    close(polled[index].fd)
                    polled[index].fd = -1
                }
            }
        }
        // Not reaped yet, so that `send` cannot hit another process of the same number.
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        condition.lock()
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        state.status = ExitStatus(waitStatus: status)
        condition.broadcast()
        condition.unlock()
    }

    private func append(_ bytes: ArraySlice<UInt8>, toErrors: Bool) {
        condition.lock()
        defer { condition.unlock() }
        let field = toErrors ? \State.errors : \State.output
        if state[keyPath: field].count < Self.maxOutputBytes {
            state[keyPath: field] += bytes
        }
        condition.broadcast()
    }
}
