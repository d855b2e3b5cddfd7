import Basics
import EventHTTP
import EventLoops
import Glibc
public import Logging
public import ServiceLifecycle

/// The server: event loops, each with its own evhttp, around one store or one way to the main.
///
/// ```swift
/// var configuration = Configuration()
/// configuration.host = "127.0.0.1"
/// let server = try KVSServer(configuration: configuration, logger: Logger(label: "kvs"))
/// try await ServiceGroup(
///     services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "kvs")
/// ).run()
/// ```
public final class KVSServer: Service {
    /// The version of kvs, as in `kvs --version`.
    public static let version = "0.1.0"

    private let configuration: Configuration
    private let logger: Logger
    private let instances: [Assembly.Instance]
    private let boundAddress: SocketAddress

    /// Binds the address; connections wait in the kernel until ``run()``.
    ///
    /// - Throws: ``StartError`` where the address is not to be had or the system lacks something.
    public convenience init(configuration: Configuration, logger: Logger) throws(StartError) {
        try self.init(configuration: configuration, logger: logger, queue: nil)
    }

    /// The same for a program whose log is a queue.
    ///
    /// - Parameter log: Where the access log goes.
    package convenience init(
        configuration: Configuration,
        logger: Logger,
        log: LogQueue
    ) throws(StartError) {
        try self.init(configuration: configuration, logger: logger, queue: log)
    }

    /// - Parameter queue: Where the access log goes. Where there is none and it is asked for, it goes to
    ///   stdout.
    private init(
        configuration: Configuration,
        logger: Logger,
        queue: LogQueue?
    ) throws(StartError) {
        self.configuration = configuration
        self.logger = logger
        Heap.tune()
        LibeventMemory.install()
        guard MemoryBallast.running.take(), MemoryBallast.stopping.take(),
            MemoryBallast.canHold(bytes: configuration.addressBytesToBegin)
        else {
            throw StartError(neededAddressBytes: configuration.addressBytesToBegin)
        }
        LibeventDiagnostics.install(logger: logger)
        configuration.warnOfMemory(logger)
        let openFiles = OpenFileLimit.raise()
        if let needed = configuration.neededOpenFiles(insteadOf: openFiles) {
            throw StartError(neededOpenFiles: needed, limit: openFiles)
        }
        let address = SocketAddress(numericHost: configuration.host, port: configuration.port)
        guard let address else { throw StartError(address: configuration.host) }
        do throws(SystemError) {
            let (sockets, bound) = try BoundSocket.listen(
                at: address,
                count: configuration.threads
            )
            boundAddress = bound
            var log = queue
            if log == nil { log = try Self.accessLog(configuration) }
            instances = try Assembly(
                configuration,
                openFiles: openFiles,
                logger: logger,
                log: log
            )
            .instances(on: sockets)
        } catch {
            throw StartError(address: address, error)
        }
    }

    private static func accessLog(_ configuration: Configuration) throws(SystemError) -> LogQueue? {
        guard configuration.accessLog else { return nil }
        return try LogQueue(descriptor: STDOUT_FILENO) { count, reason in
            LogSink.lost(count, reason, format: configuration.logFormat)
        }
    }

    /// Where the server listens: `127.0.0.1:8080`, `[::1]:8080`. With port 0 this is where to look.
    public var address: String { boundAddress.description }

    /// Serves until the task is cancelled or a graceful shutdown begins; then answers what has arrived,
    /// for at most ``Configuration/shutdownTimeout``, and returns. Call it once.
    public func run() async throws {
        try await startLoops()
        logger.info("ready", metadata: configuration.summary(address: address))
        // Cancellation ends the wait as well, and is a reason to stop, not an error.
        try? await gracefulShutdown()
        MemoryBallast.stopping.drop()
        await drain()
        for instance in instances {
            instance.loop.execute { instance.server.close() }
            instance.loop.stop()
        }
        logger.info("stopped")
    }

    /// Starts all loops, and waits until each of them runs.
    private func startLoops() async throws(StartError) {
        let allRun = CountdownLatch(count: instances.count)
        do throws(SystemError) {
            for instance in instances {
                try instance.loop.start()
                instance.loop.execute { allRun.countDown() }
            }
            // Dispatch's threads come and go: where they cannot come back, a stop would wait for ever.
            try BackgroundThread.check(for: 2)
        } catch {
            for instance in instances { instance.loop.stop() }
            throw StartError(threads: instances.count, error)
        }
        await allRun.wait()
    }

    /// Waits until no loop has a connection left, or the time is over.
    private func drain() async {
        let noneAccepts = CountdownLatch(count: instances.count)
        let allAreEmpty = CountdownLatch(count: instances.count)
        let timeout = Task { [shutdownTimeout = configuration.shutdownTimeout] in
            // Cancelled where all is done in time.
            guard (try? await Task.sleep(for: shutdownTimeout)) != nil else { return }
            noneAccepts.open()
            allAreEmpty.open()
        }
        for instance in instances {
            instance.loop.execute {
                instance.server.stopAccepting()
                noneAccepts.countDown()
            }
        }
        // A client whose connection ends on one loop comes back at once. Where another loop still
        // listened, it would be connected, and then reset, when that one stops.
        await noneAccepts.wait()
        for instance in instances {
            instance.loop.execute { instance.server.drain { allAreEmpty.countDown() } }
        }
        await allAreEmpty.wait()
        timeout.cancel()
    }
}
