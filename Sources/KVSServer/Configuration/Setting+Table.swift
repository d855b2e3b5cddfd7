extension Setting {
    /// All settings, in the order of `--help`. They are read in this order, too: where several are
    /// wrong, the first is named.
    public static let table: [Setting] = [
        Setting(
            variable: "IP",
            option: "ip",
            purpose: "Address to bind to, IPv4 or IPv6.",
            default: .value("0.0.0.0"),
            form: .address(\.configuration.host)
        ),
        Setting(
            variable: "PORT",
            option: "port",
            purpose: "Port to bind to; 0 for any free one.",
            default: .value("8080"),
            form: .port(\.configuration.port)
        ),
        Setting(
            variable: "MAINIP",
            option: "main-ip",
            purpose: "The main's host:port; makes this instance a forwarder.",
            default: .none,
            form: .endpoint(\.main)
        ),
        Setting(
            variable: "ISMAIN",
            option: "is-main",
            purpose: "True: the main, whatever MAINIP says. False: a forwarder.",
            default: .none,
            form: .truth(\.isMain)
        ),
        Setting(
            variable: "KVS_THREADS",
            option: "threads",
            purpose: "Event loops.",
            default: .found("the cores that the process may use"),
            form: .count(1...1024, \.configuration.threads)
        ),
        Setting(
            variable: "KVS_FORWARD_CONNECTIONS",
            option: "forward-connections",
            purpose: "Connections to the main, per loop.",
            default: .value("256"),
            form: .count(1...65_536, \.configuration.forwardConnections)
        ),
        Setting(
            variable: "KVS_CONNECT_TIMEOUT",
            option: "connect-timeout",
            purpose: "Time to connect to the main.",
            default: .value("1s"),
            form: .time(\.configuration.connectTimeout)
        ),
        Setting(
            variable: "KVS_FORWARD_TIMEOUT",
            option: "forward-timeout",
            purpose: "Time for the main's whole reply.",
            default: .value("5s"),
            form: .time(\.configuration.forwardTimeout)
        ),
        Setting(
            variable: "KVS_REQUEST_TIMEOUT",
            option: "request-timeout",
            purpose: "Time for a request and its reply.",
            default: .value("30s"),
            form: .time(\.configuration.requestTimeout)
        ),
        Setting(
            variable: "KVS_IDLE_TIMEOUT",
            option: "idle-timeout",
            purpose: "Time that a connection may be idle.",
            default: .value("75s"),
            form: .time(\.configuration.idleTimeout)
        ),
        Setting(
            variable: "KVS_SHUTDOWN_TIMEOUT",
            option: "shutdown-timeout",
            purpose: "Time that a stop waits for requests.",
            default: .value("5s"),
            form: .time(\.configuration.shutdownTimeout)
        ),
        Setting(
            variable: "KVS_MAX_MEMORY",
            option: "max-memory",
            purpose: "Memory for keys and values.",
            default: .found("what there is, less the rest"),
            form: .size(atLeast: 1 << 20, \.maximumMemoryBytes)
        ),
        Setting(
            variable: "KVS_MAX_BUFFERED",
            option: "max-buffered",
            purpose: "Memory for incomplete bodies.",
            default: .found("1/8, 8M to 256M"),
            form: .size(atLeast: 8 << 20, \.maximumBufferedBytes)
        ),
        Setting(
            variable: "KVS_MAX_CONNECTIONS",
            option: "max-connections",
            purpose: "Client connections.",
            default: .found("by the limit of open files"),
            form: .count(1...10_000_000, \.configuration.maximumConnections)
        ),
        Setting(
            variable: "KVS_ACCESS_LOG",
            option: "access-log",
            purpose: "True: a line of the log for each request.",
            default: .value("False"),
            form: .truth(\.configuration.accessLog)
        ),
        Setting(
            variable: "KVS_LOG_FORMAT",
            option: "log-format",
            purpose: "Lines as text, or as JSON.",
            default: .value("text"),
            form: .choice(\.configuration.logFormat)
        ),
        Setting(
            variable: "KVS_LOG_LEVEL",
            option: "log-level",
            purpose: "The least that is logged.",
            default: .value("info"),
            form: .choice(\.configuration.logLevel)
        ),
    ]
}
