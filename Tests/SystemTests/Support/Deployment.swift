import Foundation
import Testing

/// What stands between a client and the main.
enum Deployment: Sendable, Hashable, CustomTestStringConvertible {
    /// The main itself.
    case direct
    /// So many forwarders in a row before a main.
    case viaForwarder(Int)
    /// A forwarder with one loop and two connections to its main: whoever is third waits.
    case viaNarrowForwarder
    /// Whatever serves at `KVS_URL`, another implementation perhaps.
    case external(Endpoint)

    /// What the contract tests run against: a suite's argument list.
    static let all: [Deployment] = {
        if let url = ProcessInfo.processInfo.environment["KVS_URL"], let endpoint = Endpoint(url) {
            return [.external(endpoint)]
        }
        return [.direct, .viaForwarder(1), .viaForwarder(2)]
    }()

    var testDescription: String {
        switch self {
        case .direct: "direct"
        case .viaForwarder(let count): "via \(count) forwarder\(count == 1 ? "" : "s")"
        case .viaNarrowForwarder: "via a forwarder with two connections"
        case .external(let endpoint): "\(endpoint)"
        }
    }
}
