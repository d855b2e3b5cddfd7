import Testing

/// A real main that is stopped by SIGSTOP: the kernel goes on to accept connections and bytes.
final class PausedMain: FaultyMain {
    private let process: ServerProcess
    var endpoint: Endpoint { process.endpoint }

    /// - Parameter keys: What it holds, with the values that a fake main would give.
    init(holding keys: [String]) throws {
        process = try .main()
        let client = HTTPClient(process.endpoint)
        for key in keys {
            #expect(try client.put(key, FaultScript.value(of: key)).status == 201)
        }
    }

    func begin(_ shape: FaultShape) throws {
        process.pause()
        try process.waitUntilPaused()
    }

    func end(keepsAlive: Bool) throws { process.resume() }
    func sightings(ofTarget target: String) -> Int? { nil }
    func waitUntilShapesAreOver() -> Bool { true }
    func stop() { process.kill() }
}
