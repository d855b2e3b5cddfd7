import ArgumentParser
import Basics
import Glibc
import KVSServer
import Logging
import ServiceLifecycle

/// `kvs serve`, and `kvs` alone: the command line and the environment become a ``Configuration``, and
/// that a server.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve, as a main or as a forwarder. (default)",
        discussion: """
            The same as the program without a command, and with the same options.

            Exit status: 0 after SIGTERM or SIGINT, 64 for a wrong option, 69 where the address is not \
            to be had, 71 where the system lacks something, 78 for a wrong setting.
            """
    )

    // What was given to the program itself: ArgumentParser gives both the same.
    @OptionGroup var options: Options

    func run() async throws { await Self.serve(options) }

    /// Serves until a signal ends it. Where that cannot be, the program ends.
    static func serve(_ options: Options) async {
        FatalSignals.install()
        // A reader of stdout or stderr that has gone away is no reason to end.
        signal(SIGPIPE, SIG_IGN)
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration(settings: options.settings)
        } catch {
            Program.end(.configuration, error.description)
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
            Program.end(error.isAboutAddress ? .unavailable : .system, error.description)
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
            Program.end(.system, "cannot wait for signals: \(error)\(error.adviceAboutThreads)")
        }
        do {
            try await group.run()
        } catch {
            log.finish()
            Program.end(.system, "\(error)")
        }
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
            Program.end(.system, "cannot start the log: \(error)\(error.adviceAboutThreads)")
        }
        let sink = LogSink(queue, format: configuration.logFormat)
        LoggingSystem.bootstrap { _ in SinkLogHandler(sink, level: configuration.logLevel) }
        return queue
    }
}
