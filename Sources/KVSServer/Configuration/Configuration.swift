import Basics
public import EventHTTP
public import Logging

/// The host and port of another instance.
public typealias Endpoint = EventHTTP.Endpoint

/// What a server is and how much it takes on; see docs/limits.md for the whole table.
public struct Configuration: Sendable {
    /// What an instance does with requests.
    public enum Role: Sendable, Equatable {
        /// Holds the data.
        case main
        /// Holds nothing and relays each request to the main.
        case forwarder(main: Endpoint)
    }

    /// The address to bind to: numeric, IPv4 or IPv6.
    public var host = "0.0.0.0"
    /// The port to bind to; 0 for any free one.
    public var port: UInt16 = 8080
    /// Main or forwarder.
    public var role = Role.main
    /// Event loops, each with a thread of its own; at least 1.
    public var threads: Int
    /// Connections to the main, per event loop of a forwarder.
    public var forwardConnections = 256
    /// How long a forwarder waits for a connection to the main.
    public var connectTimeout = Duration.seconds(1)
    /// How long a forwarder waits for the main's whole reply, the time to connect included.
    public var forwardTimeout = Duration.seconds(5)
    /// From the first byte of a request to the last byte of its reply.
    public var requestTimeout = Duration.seconds(30)
    /// How long a connection stays open without a request.
    public var idleTimeout = Duration.seconds(75)
    /// How long a stop waits for requests in flight.
    public var shutdownTimeout = Duration.seconds(5)
    /// The memory that keys and values may take, in bytes.
    public var maximumMemoryBytes: Int
    /// The bytes of incomplete request bodies that all connections together may hold.
    public var maximumBufferedBytes: Int
    /// Connections of clients at one time; nil: as many as the limit of open files allows.
    public var maximumConnections: Int?
    /// Whether a line is written for each request.
    public var accessLog = false
    /// How the program's own log is written, and the access log.
    public var logFormat = LogFormat.text
    /// What the program's own log leaves out: everything below that.
    public var logLevel = Logger.Level.info

    /// The defaults: a main at 0.0.0.0:8080 with a loop for each core.
    public init() {
        threads = AvailableCores.count
        let available = MemoryLimit.available(threads: threads)
        maximumBufferedBytes = Self.defaultBufferedBytes(available: available)
        maximumMemoryBytes = Self.defaultMemoryBytes(
            available: available,
            buffered: maximumBufferedBytes,
            threads: threads
        )
    }
}
