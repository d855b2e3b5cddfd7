import Foundation

/// A client that sends the same bytes again and again as fast as they are taken, and reads as fast as
/// it can. Used from any thread; `stop()` must be called.
// Safe: of `wire` only the descriptor is used, which stays open while there is a thread.
final class Flood: @unchecked Sendable {
    private let wire: WireClient
    private let state = Locked(State())

    private struct State {
        var sentBytes = 0
        var receivedBytes = 0
        var isOver = false
        var threads = 2
    }

    init(_ endpoint: Endpoint, repeating piece: [UInt8]) throws {
        wire = try WireClient(endpoint)
        Thread { self.send(piece) }.start()
        Thread { self.receive() }.start()
    }

    var sentBytes: Int { state.withLock { $0.sentBytes } }
    var receivedBytes: Int { state.withLock { $0.receivedBytes } }

    /// Whether the server goes on with it: it has not ended the connection.
    var isRunning: Bool { state.withLock { $0.threads == 2 } }

    /// Ends the connection, and waits for the threads.
    func stop() {
        state.withLock { $0.isOver = true }
        shutdown(wire.descriptor, Int32(SHUT_RDWR))
        _ = eventually { state.withLock { $0.threads == 0 } }
    }

    private func send(_ piece: [UInt8]) {
        var offset = 0
        repeat {
            let count = piece[offset...].withUnsafeBytes {
                Glibc.send(wire.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            let isOver = count < 0 && !Self.isPassing(errno)
            offset = (offset + max(count, 0)) % piece.count
            state.withLock { $0.sentBytes += max(count, 0) }
            if isOver { break }
        } while state.withLock { !$0.isOver }
        state.withLock { $0.threads -= 1 }
    }

    private func receive() {
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        repeat {
            let count = recv(wire.descriptor, &chunk, chunk.count, 0)
            let isOver = count == 0 || (count < 0 && !Self.isPassing(errno))
            state.withLock { $0.receivedBytes += max(count, 0) }
            if isOver { break }
        } while state.withLock { !$0.isOver }
        state.withLock { $0.threads -= 1 }
    }

    /// Whether the call may be made again: a flood does not mind to wait for longer than clients do.
    private static func isPassing(_ code: Int32) -> Bool { code == EINTR || code == EAGAIN }
}
