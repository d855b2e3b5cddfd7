import Foundation
import Testing

/// SIGTERM and SIGINT end the program gracefully.
@Suite("Shutdown", .timeLimit(.minutes(10)))
struct ShutdownTests {
    private static let get = "GET /kvs/key HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("an idle server ends with status 0", arguments: [SIGTERM, SIGINT])
    func idle(signal: Int32) throws {
        let server = try ServerProcess.main()
        server.send(signal: signal)
        #expect(server.waitForExit() == .exited(0))
        #expect(server.standardError == "")
    }

    @Test("a forwarder ends with status 0, whether its main is there or not")
    func forwarder() throws {
        let main = try ServerProcess.main()
        let first = try ServerProcess.forwarder(to: main.endpoint)
        let second = try ServerProcess.forwarder(to: main.endpoint)
        for forwarder in [first, second] {
            try HTTPClient(forwarder.endpoint).get("key").expect(.missing)
        }
        first.terminate()
        #expect(first.waitForExit() == .exited(0))
        main.kill()
        try HTTPClient(second.endpoint).get("key").expect(.unavailable)
        second.terminate()
        #expect(second.waitForExit() == .exited(0))
    }

    @Test("idle connections are closed, and do not hold it up")
    func idleConnections() throws {
        // Longer than the test may take: idle connections must not be waited for.
        let server = try ServerProcess(["KVS_SHUTDOWN_TIMEOUT": "300s"])
        let used = try (0..<20).map { _ in try WireClient(server.endpoint) }
        for wire in used {
            try wire.exchange(Self.get).expect(.missing)
        }
        let fresh = try (0..<20).map { _ in try WireClient(server.endpoint) }
        server.terminate()
        #expect(server.waitForExit() == .exited(0))
        for wire in used + fresh {
            #expect(try wire.readUntilEnd().bytes == [])
        }
    }

    @Test("replies that are on their way are sent whole, and nobody new is let in")
    func inFlight() throws {
        let server = try ServerProcess(["KVS_SHUTDOWN_TIMEOUT": "300s"])
        let readers = try makeSlowReaders(of: server)
        server.terminate()
        #expect(eventually { isRefused(server) })
        #expect(server.exitStatus == nil)
        for reader in readers {
            let reply = try reader.readResponse()
            reply.expect(value: Self.largeValue)
            #expect(try reader.readUntilEnd() == ([], .closed))
        }
        #expect(server.waitForExit() == .exited(0))
        #expect(server.standardError == "")
    }

    @Test("requests that arrived before the signal are answered", arguments: [true, false])
    func arrived(wereConnected: Bool) throws {
        let server = try ServerProcess(["KVS_SHUTDOWN_TIMEOUT": "300s"])
        var clients: [WireClient] = []
        if wereConnected {
            clients = try (0..<20).map { _ in try WireClient(server.endpoint) }
            for client in clients {
                try client.exchange(Self.get).expect(.missing)
            }
        }
        // Stopped, it has seen none of this when it learns of the signal.
        server.pause()
        if !wereConnected {
            clients = try (0..<20).map { _ in try WireClient(server.endpoint) }
        }
        for client in clients {
            try client.send(Self.get)
        }
        server.terminate()
        server.resume()
        for client in clients {
            try client.readResponse().expect(.missing)
            #expect(try client.readUntilEnd() == ([], .closed))
        }
        #expect(server.waitForExit() == .exited(0))
    }

    @Test("pipelined requests that arrived before the signal are answered")
    func pipelined() throws {
        let server = try ServerProcess(["KVS_SHUTDOWN_TIMEOUT": "300s"])
        let readers = try makeSlowReaders(of: server)
        for reader in readers {
            try reader.send(String(repeating: Self.get, count: 10))
        }
        server.terminate()
        for reader in readers {
            try reader.readResponse().expect(value: Self.largeValue)
            for _ in 0..<10 {
                try reader.readResponse().expect(.missing)
            }
            #expect(try reader.readUntilEnd() == ([], .closed))
        }
        #expect(server.waitForExit() == .exited(0))
    }

    @Test("under load each request that is let in is answered; then clients are refused")
    func load() throws {
        for _ in 0..<5 {
            let server = try ServerProcess(["KVS_THREADS": "4"])
            let tally = Locked(Tally())
            let count = 48
            for _ in 0..<count {
                Thread { Self.ask(server.endpoint, tally) }.start()
            }
            #expect(eventually { tally.withLock { $0.answered > 2000 && $0.begun == count } })
            server.terminate()
            #expect(server.waitForExit() == .exited(0))
            #expect(eventually { tally.withLock { $0.ended == count } })
            #expect(tally.withLock(\.cut) == [])
        }
    }

    private struct Tally {
        /// Replies that left the connection open.
        var answered = 0
        /// Clients that had a reply.
        var begun = 0
        var ended = 0
        /// What ended a request that the server had let in, other than a reply.
        var cut: [String] = []
    }

    /// One client: asks again and again, on a new connection where the server ends the old one, until it
    /// is refused.
    private static func ask(_ endpoint: Endpoint, _ tally: Locked<Tally>) {
        defer { tally.withLock { $0.ended += 1 } }
        var isFirst = true
        while let wire = try? WireClient(endpoint) {
            do {
                var hasBegun = false
                while try !wire.exchange(get).isLast {
                    tally.withLock { tally in
                        tally.answered += 1
                        if isFirst, !hasBegun { tally.begun += 1 }
                    }
                    hasBegun = true
                }
                isFirst = false
            } catch WireError.closed(partial: []) where isFirst {
                // A client that the machine left no time was idle for longer than the server waits.
                isFirst = false
            } catch WireError.reset(partial: []) where isFirst {
                isFirst = false
            } catch {
                tally.withLock { $0.cut.append("\(error)") }
                return
            }
        }
    }

    @Test("a client that never finishes holds it up for KVS_SHUTDOWN_TIMEOUT only")
    func unfinished() throws {
        let server = try ServerProcess(["KVS_SHUTDOWN_TIMEOUT": "200ms"])
        let readers = try makeSlowReaders(of: server)
        let writer = try WireClient(server.endpoint)
        try writer.send("PUT /kvs/key HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nval=")
        server.terminate()
        #expect(server.waitForExit() == .exited(0))
        #expect(readers.count > 0)
    }

    @Test("a second signal ends it at once", arguments: [SIGTERM, SIGINT])
    func secondSignal(signal: Int32) throws {
        let server = try ServerProcess(["KVS_SHUTDOWN_TIMEOUT": "300s"])
        let readers = try makeSlowReaders(of: server)
        server.send(signal: signal)
        // Two signals of one kind that are not seen yet are one.
        #expect(eventually { isRefused(server) })
        #expect(server.exitStatus == nil)
        server.send(signal: signal)
        #expect(server.waitForExit() != nil)
        #expect(readers.count > 0)
    }

    /// It makes the longest reply there is: 9 MiB of escapes, more than a socket's send buffer takes
    /// (`tcp_wmem`), so that it is still on its way however little is read of it.
    private static let largeValue = [UInt8](repeating: 1, count: 1_572_864)

    /// Clients whose reply has begun, and is not over.
    private func makeSlowReaders(of server: ServerProcess) throws -> [WireClient] {
        try HTTPClient(server.endpoint).put(
            "large",
            body: Self.largeValue,
            contentType: "text/plain"
        )
        .expect(.created)
        let readers = try (0..<4).map { _ in
            try WireClient(server.endpoint, receiveBufferBytes: 65_536)
        }
        for reader in readers {
            try reader.send("GET /kvs/large HTTP/1.1\r\nHost: x\r\n\r\n")
        }
        for reader in readers {
            try reader.awaitBytes()
        }
        return readers
    }

    private func isRefused(_ server: ServerProcess) -> Bool {
        do {
            _ = try WireClient(server.endpoint)
            return false
        } catch {
            return true
        }
    }
}
