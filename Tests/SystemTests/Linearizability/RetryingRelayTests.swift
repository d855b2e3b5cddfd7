import Foundation
import Testing

@Suite("A relay that retries writes is caught")
struct RetryingRelayTests {
    /// Lets one thread stop at a gate until another opens it.
    private final class Gate: Sendable {
        private let arrival = DispatchSemaphore(value: 0)
        private let opening = DispatchSemaphore(value: 0)

        func arrive() {
            arrival.signal()
            opening.wait()
        }

        /// Waits until somebody stands at the gate.
        func waitForArrival() throws {
            guard arrival.wait(timeout: .now() + 10) == .success else {
                throw WaitedInVain(description: "nobody came to the gate")
            }
        }

        func open() { opening.signal() }
    }

    @Test("A PUT that is sent again after another client's write is a violation")
    func retriedPutIsCaught() throws {
        let main = try ServerProcess.main()
        let gate = Gate()
        let relay = try RetryingRelay(
            to: main.endpoint,
            ip: "127.0.0.60",
            losesEach: 1,
            beforeRetry: gate.arrive
        )
        let recorder = HistoryRecorder()
        let direct = HTTPClient(main.endpoint)
        let finished = DispatchSemaphore(value: 0)
        Thread {
            let from = monotonicNanoseconds()
            let response = try? HTTPClient(relay.endpoint).put("key", "first")
            recorder.record(
                .put("first", replaced: response?.status == 200),
                on: "key",
                from: from,
                to: monotonicNanoseconds()
            )
            finished.signal()
        }.start()

        try record("first", by: direct, recorder, after: gate.waitForArrival)
        let from = monotonicNanoseconds()
        #expect(try direct.put("key", "second").status == 200)
        recorder.record(
            .put("second", replaced: true),
            on: "key",
            from: from,
            to: monotonicNanoseconds()
        )
        try record("second", by: direct, recorder)
        gate.open()
        #expect(finished.wait(timeout: .now() + 10) == .success)
        try record("first", by: direct, recorder)
        relay.stop()

        let history = recorder.history(of: "key")
        guard case .violation(let operation) = LinearizabilityChecker().check(history) else {
            Issue.record("the checker explains a PUT that took effect twice: \(history)")
            return
        }
        #expect(history.contains(operation))
    }

    @Test("Under load, retried writes are a violation on some key")
    func retriedWritesUnderLoadAreCaught() throws {
        let main = try ServerProcess.main()
        let relays = try (0..<2).map {
            try RetryingRelay(to: main.endpoint, ip: "127.0.0.\(61 + $0)", losesEach: 5)
        }
        let load = RegisterLoad(keys: ["a", "b", "c"], seed: 1)
        load.start(2, at: main.endpoint, .main)
        for relay in relays { load.start(2, at: relay.endpoint, .forwarder) }
        try load.waitForAnswers(1000)
        try load.stop()
        for relay in relays { relay.stop() }
        #expect(load.wrong.isEmpty)
        #expect(!load.violations().isEmpty)
    }

    /// Reads the key, expects the value, and records it.
    private func record(
        _ value: String,
        by client: HTTPClient,
        _ recorder: HistoryRecorder,
        after condition: () throws -> Void = {}
    ) throws {
        try condition()
        let from = monotonicNanoseconds()
        let response = try client.get("key")
        response.expect(.value(value))
        recorder.record(.get(value), on: "key", from: from, to: monotonicNanoseconds())
    }
}
