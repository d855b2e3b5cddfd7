import Foundation

/// The kernel's receive queues of a server's sockets: what it was sent and has not read.
///
/// They tell when one piece of a stream has been read, so that the next cannot arrive together with
/// it. For servers at 127.0.0.1.
struct ReceiveQueues {
    private let portSuffix: String

    init(of endpoint: Endpoint) {
        let digits = String(endpoint.port, radix: 16, uppercase: true)
        portSuffix = ":" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Waits until the server has accepted all connections and read all bytes.
    ///
    /// - Returns: Whether it has, within 5 s.
    func waitUntilEmpty() throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            if try areEmpty() { return true }
            sched_yield()
        }
        return false
    }

    private func areEmpty() throws -> Bool {
        // Columns: slot, local address, remote address, state, tx_queue:rx_queue, … (proc(5)).
        // For a socket that listens, rx_queue is the number of connections not yet accepted.
        let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
        for line in table.utf8.split(separator: UInt8(ascii: "\n")).dropFirst() {
            let columns = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard columns.count > 4 else { continue }
            if columns[1].suffix(5).elementsEqual(portSuffix.utf8),
                !columns[4].suffix(8).allSatisfy({ $0 == UInt8(ascii: "0") })
            {
                return false
            }
        }
        return true
    }
}
