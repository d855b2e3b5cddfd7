import Foundation
import Testing

/// Clients that read a number, add one, and put it back where nobody was faster.
@Suite("No update is lost", .timeLimit(.minutes(10)))
struct LostUpdateTests {
    private static let clients = 8
    private static let raisesPerClient = 1000

    /// What the clients have seen together.
    private struct Tally {
        var puts = 0
        var refusals = 0
        /// What no client may be told.
        var wrong: [String] = []
        var running = LostUpdateTests.clients
    }

    @Test("8 clients raise a counter 1,000 times each, at a main and at two forwarders")
    func counter() throws {
        let main = try ServerProcess.main()
        let forwarders = try (0..<2).map { _ in try ServerProcess.forwarder(to: main.endpoint) }
        let endpoints = [main.endpoint] + forwarders.map(\.endpoint)
        try HTTPClient(main.endpoint).put("counter", "0").expect(.created)
        let tally = Locked(Tally())
        for number in 0..<Self.clients {
            Thread {
                Self.raise(at: endpoints[number % endpoints.count], tally)
                tally.withLock { $0.running -= 1 }
            }.start()
        }
        try waitUntil("all clients are done", timeout: .seconds(300)) {
            tally.withLock { $0.running == 0 }
        }
        let seen = tally.withLock { $0 }
        #expect(seen.wrong == [])
        let sum = Self.clients * Self.raisesPerClient
        #expect(seen.puts == sum)
        // Without it nothing was shown.
        #expect(seen.refusals > 0)
        for endpoint in endpoints {
            try HTTPClient(endpoint).get("counter").expect(.value("\(sum)"))
        }
    }

    /// Raises it so many times; notes, and ends with, what is wrong.
    private static func raise(at endpoint: Endpoint, _ tally: Locked<Tally>) {
        let client = HTTPClient(endpoint, timeout: .seconds(60))
        do {
            var raised = 0
            while raised < raisesPerClient {
                let read = try client.get("counter")
                guard read.status == 200, let tag = read[header: "ETag"],
                    let number = try read.json().value.flatMap(Int.init)
                else { throw WireError.malformed("GET: \(read.status) \(read.text)") }
                let written = try client.put(
                    "counter",
                    body: Array("\(number + 1)".utf8),
                    contentType: "text/plain",
                    headers: ["If-Match: \(tag)"]
                )
                switch written.status {
                case 200:
                    raised += 1
                    tally.withLock { $0.puts += 1 }
                case 412: tally.withLock { $0.refusals += 1 }
                default: throw WireError.malformed("PUT: \(written.status) \(written.text)")
                }
            }
        } catch {
            tally.withLock { $0.wrong.append("\(endpoint): \(error)") }
        }
    }
}
