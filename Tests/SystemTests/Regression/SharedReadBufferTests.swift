import Foundation
import TestSupport
import Testing

/// A forwarder executed one client's bytes as another's: a request that was answered while another
/// client's bytes were being worked on read its next ones over them.
@Suite("Each client's bytes are its own", .timeLimit(.minutes(10)))
struct SharedReadBufferTests {
    private static func value(of key: some StringProtocol) -> String { "value-of-\(key)" }
    private static func put(_ key: String) -> String { RawRequest.put(key, value(of: key)) }

    /// Answers a PUT and says for which key. One whose key begins with `hang` is never answered, one
    /// whose key is `late` when it is told to.
    private static func makeMain(isReleased: Locked<Bool>) throws -> ScriptedMain {
        try ScriptedMain { request, connection in
            let key = request.target.dropFirst("/kvs/".count)
            if key.hasPrefix("hang") {
                connection.waitUntilClosed()
                return false
            }
            if key == "late" {
                _ = eventually(within: .seconds(60)) { isReleased.withLock { $0 } }
            }
            return connection.write(ScriptedMain.reply("201 Created", fields: ["X-Key: \(key)"]))
        }
    }

    @Test(
        "Pipelined writes that expire together are each answered once, and done at most once",
        arguments: [2, 3, 4]
    )
    func expireTogether(connections: Int) throws {
        // On a busy machine the preparations may take longer than the requests have.
        for seconds in [2, 6, 18] {
            if try expireTogether(connections: connections, afterSeconds: seconds) { return }
        }
        Issue.record("the requests never came to wait together")
    }

    /// - Returns: False where the time was too short.
    private func expireTogether(connections: Int, afterSeconds seconds: Int) throws -> Bool {
        let isReleased = Locked(false)
        defer { isReleased.withLock { $0 = true } }
        let main = try Self.makeMain(isReleased: isReleased)
        let timeout = Duration.seconds(seconds)
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            [
                "KVS_THREADS": "1", "KVS_FORWARD_CONNECTIONS": "\(connections)",
                "KVS_FORWARD_TIMEOUT": "\(seconds)s",
            ]
        )
        func mainHas(_ key: String) -> Bool {
            eventually(within: timeout) { main.requests.contains { $0.target == "/kvs/\(key)" } }
        }
        // All connections to the main are busy.
        var busy: [WireClient] = []
        for number in 1...connections {
            let key = number < connections ? "hang\(number)" : "late"
            let wire = try WireClient(forwarder.endpoint)
            busy.append(wire)
            try wire.send(Self.put(key))
            guard mainHas(key) else { return false }
        }
        let clients = try ["hang_b", "c", "d", "e"].map { name in
            let keys = [name] + (1..<20).map { "\(name.suffix(1))\($0)" }
            let wire = try WireClient(forwarder.endpoint)
            // The first waits for a connection before the others come.
            try wire.send(Self.put(keys[0]))
            #expect(try ReceiveQueues(of: forwarder.endpoint).waitUntilEmpty(butFor: 0))
            return (wire, keys)
        }
        for (wire, keys) in clients {
            try wire.send(keys.dropFirst().map(Self.put).joined())
        }
        // The main answers one, so that it is not taken for silent, and gets the first that waits.
        isReleased.withLock { $0 = true }
        guard mainHas("hang_b") else { return false }
        // Stopped for longer than the time-out, it finds all others expired when it goes on.
        forwarder.pause()
        let end = ContinuousClock.now + timeout
        while ContinuousClock.now < end { usleep(10_000) }
        forwarder.resume()
        let answered = try clients.flatMap { wire, keys in
            try Self.answeredKeys(among: keys, to: wire)
        }
        Self.expectOnce(main.requests, answered: answered)
        return busy.count == connections
    }

    @Test("Clients that pipeline to a main that hangs now and then: the same")
    func hangsNowAndThen() throws {
        let hanging = Locked(SeededGenerator(seed: 9))
        let main = try ScriptedMain { request, connection in
            if hanging.withLock({ $0.next() % 4 == 0 }) {
                connection.waitUntilClosed()
                return false
            }
            let key = request.target.dropFirst("/kvs/".count)
            return connection.write(ScriptedMain.reply("201 Created", fields: ["X-Key: \(key)"]))
        }
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            [
                "KVS_THREADS": "1", "KVS_FORWARD_CONNECTIONS": "3", "KVS_FORWARD_TIMEOUT": "50ms",
                "KVS_REQUEST_TIMEOUT": "300s",
            ]
        )
        let clients = try (0..<6).map { client in
            let keys = (0..<20).map { "client\(client)_\($0)" }
            let wire = try WireClient(forwarder.endpoint)
            try wire.send(Self.put(keys[0]))
            return (wire, keys)
        }
        for (wire, keys) in clients {
            try wire.send(keys.dropFirst().map(Self.put).joined())
        }
        let answered = try clients.flatMap { wire, keys in
            try Self.answeredKeys(among: keys, to: wire)
        }
        Self.expectOnce(main.requests, answered: answered)
    }

    /// Reads a reply for each key: success for that key, or that the service is not available; and no
    /// more than that.
    ///
    /// - Returns: The keys whose writes succeeded.
    private static func answeredKeys(among keys: [String], to wire: WireClient) throws -> [String] {
        let replies = try keys.map { _ in try wire.readResponse() }
        wire.halfClose()
        #expect(try wire.readUntilEnd() == ([], .closed))
        for reply in replies where reply.status != 201 {
            reply.expect(.unavailable)
            #expect(reply[header: "KVS-Outcome"] != nil)
        }
        let pairs = zip(keys, replies).filter { $1.status == 201 }
        let strange = pairs.filter { $1[header: "X-Key"] != $0 }.map(\.0)
        #expect(strange == [], "answered with another client's reply")
        return pairs.map(\.0)
    }

    /// Expects that the main saw each write once at most, as its client sent it, and each that
    /// succeeded.
    private static func expectOnce(
        _ requests: [FakeConnection.Request],
        answered: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let seen = requests.map { String($0.target.dropFirst("/kvs/".count)) }
        let doubled = Dictionary(grouping: seen) { $0 }.filter { $1.count > 1 }.keys.sorted()
        #expect(doubled == [], "written more than once", sourceLocation: sourceLocation)
        let lost = Set(answered).subtracting(seen).sorted()
        #expect(lost == [], "answered, and never written", sourceLocation: sourceLocation)
        let changed = zip(seen, requests).filter { !$1.body.elementsEqual(value(of: $0).utf8) }
        #expect(changed.map(\.0) == [], "with another body", sourceLocation: sourceLocation)
    }
}
