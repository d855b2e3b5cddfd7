import Glibc

/// `posix_spawn` with what the tests need: redirected streams, a process group, default signal
/// dispositions. Every descriptor that the tests open themselves is closed on exec.
struct Spawn {
    /// The program, looked up in `PATH` where it holds no slash, and its arguments.
    var arguments: [String]
    var environment: [String: String]
    /// Descriptors of this process; nil is `/dev/null`.
    var standardInput: Int32?
    var standardOutput: Int32?
    var standardError: Int32?
    /// The process group to join; 0 makes a new one that the child leads.
    var group: pid_t

    /// Starts the process.
    ///
    /// - Returns: The child's process id. The caller reaps it.
    func run() throws(SystemCallError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [standardInput, standardOutput, standardError].enumerated() {
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
            } else {
                let mode = target == 0 ? O_RDONLY : O_WRONLY
                posix_spawn_file_actions_addopen(&actions, Int32(target), "/dev/null", mode, 0)
            }
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        var allSignals = sigset_t()
        sigemptyset(&noSignals)
        sigfillset(&allSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setsigdefault(&attributes, &allSignals)
        posix_spawnattr_setpgroup(&attributes, group)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
        guard code == 0 else {
            throw SystemCallError("posix_spawn \(arguments[0])", code: code)
        }
        return pid
    }
}

extension Spawn {
    init(
        arguments: [String],
        environment: [String: String],
        standardInput: Int32?,
        group: pid_t
    ) {
        self.init(
            arguments: arguments,
            environment: environment,
            standardInput: standardInput,
            standardOutput: nil,
            standardError: nil,
            group: group
        )
    }
}
