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
    private let configuration: Configuration
    private let logger: Logger
    private let instances: [Instance]
    private let boundAddress: SocketAddress

    /// One event loop with all that belongs to it.
    private struct Instance: Sendable {
        let loop: EventLoop
        let server: HTTPServer
    }

    /// Binds the address; connections wait in the kernel until ``run()``.
    ///
    /// - Throws: ``StartError`` where the address is not to be had or the system lacks something.
    public init(configuration: Configuration, logger: Logger) throws(StartError) {
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
            instances = try Self.makeInstances(
                on: sockets,
                configuration: configuration,
                openFiles: openFiles,
                logger: logger
            )
        } catch {
            throw StartError(address: address, error)
        }
    }

    /// Where the server listens: `127.0.0.1:8080`, `[::1]:8080`. With port 0 this is where to look.
    public var address: String { boundAddress.description }

    private static func makeInstances(
        on sockets: [BoundSocket],
        configuration: Configuration,
        openFiles: Int,
        logger: Logger
    ) throws(SystemError) -> [Instance] {
        let limits = configuration.httpLimits
        let budget = BufferBudget(limit: configuration.maximumBufferedBytes)
        let connectionLimit = ConnectionLimit(
            configuration.availableDescriptorShares(openFiles: openFiles).clients
        )
        let makeHandler = configuration.handlerFactory(logger: logger)
        var instances: [Instance] = []
        for (index, socket) in sockets.enumerated() {
            let loop = try EventLoop(name: "kvs-loop-\(index)")
            let surroundings = LoopSurroundings(loop: loop, budget: budget)
            let server = try HTTPServer(
                surroundings: surroundings,
                socket: socket,
                handler: Router(makeHandler(surroundings)),
                limits: limits,
                connectionLimit: connectionLimit,
                logger: logger
            )
            instances.append(Instance(loop: loop, server: server))
        }
        return instances
    }

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

/// Why a server cannot start.
public struct StartError: Error, CustomStringConvertible {
    /// Whether another address or port would help.
    public let isAboutAddress: Bool
    /// One line that says what to change.
    public let description: String

    init(address: String) {
        isAboutAddress = true
        description = "\(address) is not a numeric address"
    }

    init(neededOpenFiles needed: Int, limit: Int) {
        isAboutAddress = false
        description =
            "\(limit) open files are allowed, and \(needed) are needed: "
            + "raise the limit (ulimit -n) or lower KVS_THREADS"
    }

    init(neededAddressBytes needed: Int) {
        isAboutAddress = false
        description =
            "there are no \(needed >> 20)M of memory to begin with: "
            + "raise the limit (ulimit -v, ulimit -d) or lower KVS_THREADS"
    }

    init(threads: Int, _ error: SystemError) {
        isAboutAddress = false
        description =
            "cannot start \(threads) event loops: \(error)\(error.adviceAboutThreads), "
            + "or lower KVS_THREADS"
    }

    init(address: SocketAddress, _ error: SystemError) {
        isAboutAddress = error.call.description == "bind" || error.call.description == "listen"
        let advice: String =
            switch error.errno {
            case EADDRINUSE: "; another program uses that port: choose another with PORT"
            case EADDRNOTAVAIL: "; this machine has no such address: choose another with IP"
            case EACCES: "; ports below 1024 need a privilege: choose another with PORT"
            case EMFILE: "; raise the limit of open files (ulimit -n) or lower KVS_THREADS"
            default: ""
            }
        description = "cannot listen at \(address): \(error)\(advice)"
    }
}
