import ArgumentParser
import Glibc
import KVSServer

/// The command line. Values are checked together with the environment's, in ``Configuration``.
struct Options: ParsableArguments {
    @Option(help: "Address to bind to, IPv4 or IPv6. [IP; default: 0.0.0.0]")
    var ip: String?

    @Option(help: "Port to bind to; 0 for any free one. [PORT; default: 8080]")
    var port: String?

    @Option(help: "The main's host:port; makes this instance a forwarder. [MAINIP]")
    var mainIp: String?

    @Option(help: "True: the main, whatever MAINIP says. False: a forwarder. [ISMAIN]")
    var isMain: String?

    @Option(help: "Event loops. [KVS_THREADS; default: the cores that the process may use]")
    var threads: String?

    @Option(help: "Connections to the main, per loop. [KVS_FORWARD_CONNECTIONS; default: 256]")
    var forwardConnections: String?

    @Option(help: "Time to connect to the main. [KVS_CONNECT_TIMEOUT; default: 1s]")
    var connectTimeout: String?

    @Option(help: "Time for the main's whole reply. [KVS_FORWARD_TIMEOUT; default: 5s]")
    var forwardTimeout: String?

    @Option(help: "Time for a request and its reply. [KVS_REQUEST_TIMEOUT; default: 30s]")
    var requestTimeout: String?

    @Option(help: "Time that a connection may be idle. [KVS_IDLE_TIMEOUT; default: 75s]")
    var idleTimeout: String?

    @Option(help: "Time that a stop waits for requests. [KVS_SHUTDOWN_TIMEOUT; default: 5s]")
    var shutdownTimeout: String?

    @Option(
        help: "Memory for keys and values. [KVS_MAX_MEMORY; default: what there is, less the rest]"
    )
    var maxMemory: String?

    @Option(help: "Memory for incomplete bodies. [KVS_MAX_BUFFERED; default: 1/8, 8M to 256M]")
    var maxBuffered: String?

    @Option(
        help: "Client connections. [KVS_MAX_CONNECTIONS; default: by the limit of open files]"
    )
    var maxConnections: String?

    /// The environment, with the options on top.
    var settings: [Setting: String] {
        var settings: [Setting: String] = [:]
        for setting in Setting.allCases {
            if let option = option(for: setting) {
                settings[setting] = option
            } else if let variable = getenv(setting.rawValue) {
                settings[setting] = String(cString: variable)
            }
        }
        return settings
    }

    func option(for setting: Setting) -> String? {
        switch setting {
        case .host: ip
        case .port: port
        case .main: mainIp
        case .isMain: isMain
        case .threads: threads
        case .forwardConnections: forwardConnections
        case .connectTimeout: connectTimeout
        case .forwardTimeout: forwardTimeout
        case .requestTimeout: requestTimeout
        case .idleTimeout: idleTimeout
        case .shutdownTimeout: shutdownTimeout
        case .maximumMemory: maxMemory
        case .maximumBuffered: maxBuffered
        case .maximumConnections: maxConnections
        }
    }
}
