import ArgumentParser
import Basics
import Glibc
import KVSServer
import Logging
import ServiceLifecycle

/// The program: the command line and the environment become a ``Configuration``, and that a server.
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kvs",
        abstract: "An in-memory key-value store over HTTP.",
        discussion: """
            Without MAINIP an instance is the main, which holds the data; with it, a forwarder, which \
            relays each request to the main. Every option can be given as an environment variable as \
            well, whose name stands in brackets; the option wins.

            Times: seconds, or 500ms, 90s, 5m, 2h, 1h30m. Sizes: bytes, or 64K, 512M, 1.5G, which \
            are powers of 1024 (Ki, MB and MiB mean the same).

            Exit status: 0 after SIGTERM or SIGINT, 64 for a wrong option, 69 where the address is not \
            to be had, 71 where the system lacks something, 78 for a wrong setting.
            """,
        version: "kvs \(KVSServer.version)",
        subcommands: [Health.self]
    )

    @OptionGroup var options: Options

    func run() async throws {
        FatalSignals.install()
        // A reader of stdout or stderr that has gone away is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration(settings: options.settings)
        } catch {
            Self.end(.configuration, error.description)
        }
        let log = Self.startLog(configuration)
        // What is queued at the end is worth a short wait, however the end comes.
        defer { log.finish() }
        let logger = Logger(label: "kvs")
        let server: KVSServer
        do throws(StartError) {
            server = try KVSServer(configuration: configuration, logger: logger, log: log)
        } catch {
            log.finish()
            Self.end(error.isAboutAddress ? .unavailable : .system, error.description)
        }
        var quiet = logger
        quiet.logLevel = .warning
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server)],
                logger: quiet
            )
        )
        do throws(SystemError) {
            // The log may take 3 s more, and a busy machine its time.
            let time = configuration.shutdownTimeout + .seconds(10)
            try StopSignals.handle(within: time) { Task { await group.triggerGracefulShutdown() } }
        } catch {
            log.finish()
            Self.end(.system, "cannot wait for signals: \(error)\(error.adviceAboutThreads)")
        }
        do {
            try await group.run()
        } catch let error as StartError {
            log.finish()
            Self.end(.system, error.description)
        }
    }

    /// Exit statuses, of sysexits.h.
    enum ExitStatus: Int32 {
        case unavailable = 69
        case system = 71
        case configuration = 78
    }

    /// The log goes to stdout, as in any container. stderr is for the one line that says why the program
    /// ended.
    private static func startLog(_ configuration: Configuration) -> LogQueue {
        let queue: LogQueue
        do throws(SystemError) {
            queue = try LogQueue(descriptor: STDOUT_FILENO) { count, reason in
                LogSink.lost(count, reason, format: configuration.logFormat)
            }
        } catch {
            end(.system, "cannot start the log: \(error)\(error.adviceAboutThreads)")
        }
        let sink = LogSink(queue, format: configuration.logFormat)
        LoggingSystem.bootstrap { _ in SinkLogHandler(sink, level: configuration.logLevel) }
        return queue
    }

    static func end(_ status: ExitStatus, _ reason: String) -> Never {
        var line = "kvs: error: \(reason)\n"
        line.withUTF8 { LastWords.write(UnsafeRawBufferPointer($0), exitStatus: status.rawValue) }
        Glibc.exit(status.rawValue)
    }
}
