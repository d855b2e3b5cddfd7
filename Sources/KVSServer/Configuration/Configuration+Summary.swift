import EventLoops
import Logging

extension Configuration {
    /// The start-up line: which program this is, where, and its limits.
    func summary(address: String) -> Logger.Metadata {
        var summary: Logger.Metadata = [
            "version": "\(KVSServer.version)",
            "libevent": "\(LibeventDiagnostics.version)",
            "url": "http://\(address)/kvs",
            "threads": "\(threads)",
            "max-memory": "\(maximumMemoryBytes)",
            "max-buffered": "\(maximumBufferedBytes)",
            "request-timeout": "\(requestTimeout)",
            "idle-timeout": "\(idleTimeout)",
        ]
        if let maximumConnections { summary["max-connections"] = "\(maximumConnections)" }
        switch role {
        case .main:
            summary["role"] = "main"
        case .forwarder(let main):
            summary["role"] = "forwarder"
            summary["main"] = "\(main)"
            summary["connect-timeout"] = "\(connectTimeout)"
            summary["forward-timeout"] = "\(forwardTimeout)"
        }
        return summary
    }
}
