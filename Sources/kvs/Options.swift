import ArgumentParser
import Glibc
import KVSServer

/// The command line: an option for each row of ``Setting/table``, which has all there is to say.
///
/// There are declarations because ArgumentParser finds options as properties only; each says no more
/// than the row that it belongs to. Values are checked together with the environment's, in
/// ``Configuration``.
struct Options: ParsableArguments {
    /// What was given for a row of the table.
    struct Given {
        let variable: String
        let text: String
    }

    @Option("IP") var ip: Given?
    @Option("PORT") var port: Given?
    @Option("MAINIP") var mainIP: Given?
    @Option("ISMAIN") var isMain: Given?
    @Option("KVS_THREADS") var threads: Given?
    @Option("KVS_FORWARD_CONNECTIONS") var forwardConnections: Given?
    @Option("KVS_CONNECT_TIMEOUT") var connectTimeout: Given?
    @Option("KVS_FORWARD_TIMEOUT") var forwardTimeout: Given?
    @Option("KVS_REQUEST_TIMEOUT") var requestTimeout: Given?
    @Option("KVS_IDLE_TIMEOUT") var idleTimeout: Given?
    @Option("KVS_SHUTDOWN_TIMEOUT") var shutdownTimeout: Given?
    @Option("KVS_MAX_MEMORY") var maxMemory: Given?
    @Option("KVS_MAX_BUFFERED") var maxBuffered: Given?
    @Option("KVS_MAX_CONNECTIONS") var maxConnections: Given?
    @Option("KVS_ACCESS_LOG") var accessLog: Given?
    @Option("KVS_LOG_FORMAT") var logFormat: Given?
    @Option("KVS_LOG_LEVEL") var logLevel: Given?

    /// What the command line gives, by variable.
    var given: [String: String] {
        // As ArgumentParser finds the options, so that none needs to be named twice.
        let options = Mirror(reflecting: self).children.compactMap { $0.value as? Option<Given?> }
        return options.compactMap(\.wrappedValue).reduce(into: [:]) { $0[$1.variable] = $1.text }
    }

    /// The environment, with the options on top.
    var settings: [String: String] {
        var settings = given
        for variable in Setting.table.map(\.variable) where settings[variable] == nil {
            settings[variable] = getenv(variable).map { String(cString: $0) }
        }
        return settings
    }
}

extension Option where Value == Options.Given? {
    /// The option of the table's row for `variable`, with its name and its help.
    fileprivate init(_ variable: String) {
        guard let setting = Setting.table.first(where: { $0.variable == variable }) else {
            preconditionFailure("the table has no row for \(variable)")
        }
        self.init(
            name: .customLong(setting.option),
            help: ArgumentHelp(stringLiteral: setting.help),
            transform: { Options.Given(variable: variable, text: $0) }
        )
    }
}
