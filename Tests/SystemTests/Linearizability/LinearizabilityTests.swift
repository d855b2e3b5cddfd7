import Foundation
import TestSupport
import Testing

@Suite("Linearizability, with a main and a forwarder that are killed")
struct LinearizabilityTests {
    /// How many runs, each with its own seed.
    private static let runs =
        ProcessInfo.processInfo.environment["KVS_LINEARIZABILITY_RUNS"].flatMap { Int($0) } ?? 2

    /// What goes on at the forwarders beside.
    private enum Surroundings {
        case quiet
        /// Clients pipeline requests for other keys, and there are two connections for all.
        case pipelining
    }

    @Test("Clients of the main and of two forwarders see one register per key", arguments: 0..<runs)
    func historiesAreLinearizable(_ run: Int) throws { try checkHistories(run, .quiet) }

    @Test("So they do beside clients that pipeline", arguments: 0..<runs)
    func historiesAreLinearizableBesidePipelining(_ run: Int) throws {
        try checkHistories(run, .pipelining)
    }

    private func checkHistories(_ run: Int, _ surroundings: Surroundings) throws {
        // An address of its own, so that nobody takes the port while the main is away.
        let main = try ServerProcess.main(["IP": "127.0.0.\(70 + run % 50)"])
        var limits = ["KVS_CONNECT_TIMEOUT": "200ms", "KVS_FORWARD_TIMEOUT": "500ms"]
        if surroundings == .pipelining {
            limits.merge(["KVS_THREADS": "1", "KVS_FORWARD_CONNECTIONS": "2"]) { $1 }
        }
        let forwarders = try (0..<2).map { _ in
            try ServerProcess.forwarder(to: main.endpoint, limits)
        }
        let mortal = try ServerProcess.forwarder(
            to: main.endpoint,
            limits.merging(["IP": "127.0.0.\(130 + run % 50)"]) { $1 }
        )
        let seed = UInt64(run + 1)
        let load = RegisterLoad(
            keys: ["a", "b", "c"],
            expiring: (0..<30).map { "expiring_\($0)" },
            seed: seed
        )
        load.start(2, at: main.endpoint, .main)
        for forwarder in forwarders { load.start(2, at: forwarder.endpoint, .forwarder) }
        load.start(1, at: mortal.endpoint, .mortalForwarder)
        let others = (surroundings == .pipelining ? forwarders : []).map { forwarder in
            PipeliningLoad(2, at: forwarder.endpoint, .truthOrUnavailable, seed: seed)
        }
        var random = SeededGenerator(seed: seed)
        for round in 0..<3 {
            try load.waitForAnswers(Int.random(in: 100...300, using: &random))
            if round == 1 {
                try mortal.restart()
                try load.waitForAnswers(10, at: mortal.endpoint)
            }
            for other in others { try other.waitForAnswers(500) }
            try main.crash(recording: load.recorder)
        }
        for other in others {
            let wrong = try other.stop()
            #expect(wrong == [], "what the pipelining clients were told, seed \(seed)")
        }
        load.slowDown()
        // All keys, and then most of them again, because they have gone.
        try load.waitForLent(60)
        #expect(try ScrapedMetrics(main.endpoint)["kvs_store_expired_keys_total"] > 0)
        try load.waitForAnswers(200)
        try load.stop()
        #expect(load.wrong == [], "seed \(seed)")
        #expect(load.violations() == [], "seed \(seed)")
        for forwarder in forwarders {
            #expect(forwarder.exitStatus == nil)
            let tally = load.tally(at: forwarder.endpoint)
            #expect(tally.conditionsMet > 0 && tally.conditionsFailed > 0, "seed \(seed)")
        }
    }
}

extension ServerProcess {
    /// Kills a main, starts it again at its address, and records the time between.
    func crash(recording recorder: HistoryRecorder) throws {
        let killed = monotonicNanoseconds()
        try restart()
        try waitUntil("\(endpoint) answers again") {
            (try? HTTPClient(endpoint).get("any"))?.status == 404
        }
        recorder.recordCrash(killed: killed, answered: monotonicNanoseconds())
    }
}
