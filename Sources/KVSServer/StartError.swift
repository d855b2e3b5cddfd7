import Basics
import EventLoops
import Glibc

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
