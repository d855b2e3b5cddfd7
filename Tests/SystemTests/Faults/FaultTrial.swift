import Testing

/// A shape of failure, played to a real forwarder again and again.
struct FaultTrial {
    static let methods = ["GET", "PUT", "DELETE"]
    /// Small, so that the suite is fast; far apart, so that they cannot be taken for each other.
    static let connectTimeoutMilliseconds = 200
    static let forwardTimeoutMilliseconds = 500
    static let clientTimeout = Duration.seconds(10)

    /// What was seen of one method in all tries.
    struct Row {
        let shape: FaultShape
        let method: String
        var answers: Set<String> = []
        var outcomes: Set<String> = []
        var maxNanoseconds: Int64 = 0
    }

    let shape: FaultShape
    let main: any FaultyMain
    private let forwarder: ServerProcess
    private let client: HTTPClient

    /// Starts a main of the shape at `ip`, and a forwarder before it.
    ///
    /// - Parameter forwardMilliseconds: The forwarder's time for a whole exchange. Where it is longer
    ///   than the client waits, a failure that shows must be told at once.
    init(
        _ shape: FaultShape,
        ip: String,
        forwardMilliseconds: Int = Self.forwardTimeoutMilliseconds
    ) throws {
        self.shape = shape
        main = shape == .stopped ? try PausedMain(holding: ["good"]) : try FakeMain(ip: ip)
        forwarder = try .forwarder(
            to: main.endpoint,
            [
                "KVS_CONNECT_TIMEOUT": "\(Self.connectTimeoutMilliseconds)ms",
                "KVS_FORWARD_TIMEOUT": "\(forwardMilliseconds)ms",
            ]
        )
        client = HTTPClient(forwarder.endpoint, timeout: Self.clientTimeout)
    }

    /// Plays the shape to each method, `tries` times, and checks every answer and that the
    /// forwarder is well afterwards.
    ///
    /// - Parameter tries: The even ones find a pooled connection, the odd ones have to connect.
    func run(tries: Int) throws -> [Row] {
        defer { main.stop() }
        var rows = Self.methods.map { Row(shape: shape, method: $0) }
        for attempt in 0..<tries {
            for index in rows.indices {
                try beWell(keepsAlive: attempt.isMultiple(of: 2))
                try main.begin(shape)
                try attemptOnce(attempt, &rows[index])
                try main.end(keepsAlive: true)
                try beWell(keepsAlive: true)
                #expect(main.waitUntilShapesAreOver(), "\(shape): a connection was not let go of")
            }
        }
        #expect(forwarder.exitStatus == nil)
        forwarder.terminate()
        #expect(forwarder.waitForExit() == .exited(0))
        #expect(forwarder.standardError == "")
        return rows
    }

    /// Makes the main well and expects the first request to be answered once the forwarder says
    /// that it is ready.
    private func beWell(keepsAlive: Bool) throws {
        try main.end(keepsAlive: keepsAlive)
        try forwarder.waitUntilReady()
        let response = try client.get("good")
        #expect(response.status == 200, "\(shape): the first request after the failure")
        #expect(response.text == goodBody("GET", key: "good"))
    }

    private func attemptOnce(_ attempt: Int, _ row: inout Row) throws {
        let key = "try_\(attempt)_\(row.method)"
        let target = "/kvs/\(key)"
        // Every other value is so large that it does not fit into the socket's buffers.
        let value = String(repeating: "v", count: attempt % 4 < 2 ? 10 : 1_500_000)
        let started = monotonicNanoseconds()
        let response = try client.send(
            row.method,
            target,
            headers: row.method == "PUT"
                ? ["Content-Type: application/x-www-form-urlencoded"] : [],
            body: row.method == "PUT" ? Array("val=\(value)".utf8) : nil
        )
        row.maxNanoseconds = max(row.maxNanoseconds, monotonicNanoseconds() - started)
        let answer = response.text.replacing(key, with: "KEY")
        row.answers.insert("\(response.status) \(answer)")
        check(response, to: row.method, key: key)
        guard row.method != "GET" else { return }
        let outcome = response[header: "KVS-Outcome"]
        if let outcome { row.outcomes.insert(outcome) }
        if let sightings = main.sightings(ofTarget: target) {
            #expect(sightings <= 1, "\(shape): \(row.method) was sent \(sightings) times")
            #expect(
                sightings == 0 || outcome != "not-sent",
                "\(shape): \(row.method) was sent"
            )
        }
    }

    private func check(_ response: WireResponse, to method: String, key: String) {
        let isGood = (200..<300).contains(response.status)
        #expect(
            response[header: "Content-Type"]?.hasPrefix("application/json") == true,
            "\(shape) \(method): \(response.headers)"
        )
        if isGood, shape.expectation != .unavailable {
            #expect(response.text == goodBody(method, key: key), "\(shape) \(method)")
            return
        }
        #expect(shape.expectation != .answered, "\(shape) \(method): \(response.text)")
        #expect(response.status == ExpectedReply.unavailable.status, "\(shape) \(method)")
        #expect(response.text == ExpectedReply.unavailable.body, "\(shape) \(method)")
        if method != "GET" {
            let outcome = response[header: "KVS-Outcome"] ?? "-"
            #expect(shape.truthfulOutcomes.contains(outcome), "\(shape) \(method): \(outcome)")
        }
    }

    private func goodBody(_ method: String, key: String) -> String {
        FaultScript.goodBody(to: .init(method: method, target: "/kvs/\(key)"))
    }
}

extension FaultShape {
    /// Within what time the forwarder of a trial promises an answer.
    var deadlineMilliseconds: Int {
        self == .unreachable
            ? FaultTrial.connectTimeoutMilliseconds : FaultTrial.forwardTimeoutMilliseconds
    }
}
