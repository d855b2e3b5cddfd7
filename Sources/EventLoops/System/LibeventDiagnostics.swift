import Basics
import CLibevent
import Glibc
package import Logging

/// Sends libevent's own messages to swift-log, and makes its fatal errors one clear line.
package enum LibeventDiagnostics {
    /// The logger of the process. libevent has one log callback for the whole process, without context.
    // Safe: set once, before the first loop starts, by `install`, and only read afterwards.
    nonisolated(unsafe) private static var logger: Logger?

    private static let installOnce: Void = {
        event_set_log_callback { severity, message in
            LibeventDiagnostics.log(severity: severity, message: message)
        }
        event_set_fatal_callback { code in LibeventDiagnostics.end(code: code) }
        // libevent writes with writev(2), which has no MSG_NOSIGNAL: a peer that went away would
        // end the process.
        signal(SIGPIPE, SIG_IGN)
    }()

    /// Call it before the first ``EventLoop`` is made. The first logger stays.
    package static func install(logger: Logger) {
        if self.logger == nil { self.logger = logger }
        installOnce
    }

    /// The library that runs, which may be another than the one that was compiled against.
    package static var version: String { String(cString: event_get_version()) }

    private static func log(severity: Int32, message: UnsafePointer<CChar>?) {
        guard let logger, let message else { return }
        let level: Logger.Level =
            switch severity {
            case EVENT_LOG_DEBUG: .trace
            case EVENT_LOG_MSG: .info
            case EVENT_LOG_WARN: .warning
            default: .error
            }
        logger.log(level: level, "libevent", metadata: ["message": "\(String(cString: message))"])
    }

    /// An internal error of libevent: it must not return to its caller.
    private static func end(code: Int32) -> Never {
        var line = "kvs: error: libevent met an internal error and cannot go on (code \(code))\n"
        line.withUTF8 { LastWords.write(UnsafeRawBufferPointer($0), exitStatus: nil) }
        abort()
    }
}
