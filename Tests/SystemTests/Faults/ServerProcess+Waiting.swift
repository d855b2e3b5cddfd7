import Foundation
import Testing

extension ServerProcess {
    /// Waits until every thread of the process stands still after `pause`.
    func waitUntilPaused() throws {
        let tasks = "/proc/\(pid)/task"
        try waitUntil("\(endpoint) is paused") {
            try FileManager.default.contentsOfDirectory(atPath: tasks).allSatisfy { task in
                let stat = try String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
                return stat.contains(") T ")
            }
        }
    }

    /// Waits until a forwarder says that it can reach its main.
    func waitUntilReady() throws {
        let client = HTTPClient(endpoint)
        try waitUntil("\(endpoint) is ready") {
            try client.send("GET", "/readyz").status == 200
        }
    }
}

/// A condition that did not come true in time.
struct WaitedInVain: Error, CustomStringConvertible {
    let description: String
}

/// Waits until the condition is true.
///
/// - Throws: `WaitedInVain` after `timeout`, and what the condition throws.
func waitUntil(
    _ what: String,
    timeout: Duration = .seconds(10),
    _ condition: () throws -> Bool
) throws {
    guard try eventually(within: timeout, condition) else {
        throw WaitedInVain(description: "waited \(timeout) in vain until \(what)")
    }
}
