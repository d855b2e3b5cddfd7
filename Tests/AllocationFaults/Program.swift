import Glibc
import KVSServer
import Logging
import ServiceLifecycle

/// The server, with an allocator under libevent that fails when the tests say so. Settings come from the
/// environment; its first line names the port where it is told (``ControlPort``).
@main
struct Program {
    static func main() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardOutput(label:))
        let logger = Logger(label: "allocation-faults")
        var settings: [String: String] = [:]
        for variable in Setting.table.map(\.variable) {
            settings[variable] = getenv(variable).map { String(cString: $0) }
        }
        let server = try KVSServer(
            configuration: Configuration(settings: settings),
            logger: logger
        )
        FailingAllocator.install()
        guard let port = ControlPort.open() else { exit(71) }
        logger.info("control=\(port)")
        try await ServiceGroup(
            services: [server],
            gracefulShutdownSignals: [.sigterm],
            logger: logger
        ).run()
    }
}
