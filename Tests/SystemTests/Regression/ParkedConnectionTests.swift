import Glibc
import Testing

/// Behind a connection that had found no place, further ones were never taken from evhttp, which read
/// them by itself: past the guard, over the limit, and to its own death when a place became free.
@Suite("A connection without a place waits unread", .timeLimit(.minutes(10)))
struct ParkedConnectionTests {
    @Test(
        "Loops that accept at the same moment serve as many as are allowed, the others in their turn"
    )
    func atOnce() throws {
        let limit = 8
        let server = try ServerProcess.main(
            ["KVS_MAX_CONNECTIONS": "\(limit)", "KVS_THREADS": "2"]
        )
        for _ in 0..<5 {
            // Stopped, both loops find several clients when it goes on.
            server.pause()
            var waiting = try (0..<limit * 2).map { _ in
                try WireClient(server.endpoint, timeout: .seconds(10))
            }
            server.resume()
            // Those that come now stand behind some that have no place.
            waiting += try (0..<limit).map { _ in
                try WireClient(server.endpoint, timeout: .seconds(10))
            }
            for client in waiting { try client.send(RawRequest.get("key")) }
            try waitUntil("the places are taken") {
                waiting.count { $0.hasBytes } >= limit
            }
            var served = 0
            while let index = waiting.firstIndex(where: { $0.hasBytes }) {
                #expect(waiting.count { $0.hasBytes } <= limit)
                try waiting.remove(at: index).readResponse().expect(.missing)
                served += 1
                // It has left: somebody else gets its place.
                if !waiting.isEmpty {
                    try waitUntil("the next one is served") { waiting.contains { $0.hasBytes } }
                }
            }
            #expect(served == limit * 3)
        }
        #expect(server.exitStatus == nil && server.standardError == "")
    }
}
