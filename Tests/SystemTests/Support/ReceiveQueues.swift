import Glibc

/// The kernel's queues of a server's connections: what it was sent and has not read.
///
/// For servers at 127.0.0.1. Reading them takes milliseconds.
struct ReceiveQueues {
    private let portSuffix: String

    init(of endpoint: Endpoint) {
        let digits = String(endpoint.port, radix: 16, uppercase: true)
        portSuffix = ":" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Waits until the server has accepted all connections and read what it was sent.
    ///
    /// - Parameter limit: So many bytes of each connection need not be read.
    /// - Returns: Whether it has, within 5 s.
    func waitUntilEmpty(butFor limit: Int) throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            if try areEmpty(butFor: limit) { return true }
            usleep(1000)
        }
        return false
    }

    /// Waits until the client of some connection has ended its half, and the kernel knows.
    ///
    /// - Returns: Whether it has, within 5 s.
    func waitUntilHalfClosed() throws -> Bool {
        let closeWait = "08"
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            let isHalfClosed = try Self.readTable().split(separator: UInt8(ascii: "\n")).contains {
                let columns = $0.split(separator: UInt8(ascii: " "), maxSplits: 4)
                return columns.count > 3 && columns[1].suffix(5).elementsEqual(portSuffix.utf8)
                    && columns[3].elementsEqual(closeWait.utf8)
            }
            if isHalfClosed { return true }
            usleep(1000)
        }
        return false
    }

    private func areEmpty(butFor limit: Int) throws -> Bool {
        // Columns: slot, local address, remote address, state, tx_queue:rx_queue, … (proc(5)).
        // For a socket that listens, rx_queue is the number of connections not yet accepted.
        for line in try Self.readTable().split(separator: UInt8(ascii: "\n")).dropFirst() {
            let columns = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard columns.count > 4 else { continue }
            if columns[1].suffix(5).elementsEqual(portSuffix.utf8) {
                let unread = String(decoding: columns[4].suffix(8), as: UTF8.self)
                if Int(unread, radix: 16).map({ $0 > limit }) ?? true { return false }
            } else if columns[2].suffix(5).elementsEqual(portSuffix.utf8),
                !columns[4].prefix(8).allSatisfy({ $0 == UInt8(ascii: "0") })
            {
                // A client's: still on its way.
                return false
            }
        }
        return true
    }

    /// Foundation's `String(contentsOfFile:)` takes what the first read(2) gives, which is 4 KiB of this
    /// file, for all.
    private static func readTable() throws -> [UInt8] {
        let descriptor = open("/proc/net/tcp", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallError("open /proc/net/tcp") }
        defer { close(descriptor) }
        var table: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw SystemCallError("read /proc/net/tcp") }
            if count == 0 { return table }
            table += chunk[..<count]
        }
    }
}
