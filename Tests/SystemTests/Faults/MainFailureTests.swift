import Foundation
import Testing

@Suite("Real mains are killed, stopped and restarted under load through three forwarders")
struct MainFailureTests {
    /// A main at an address of its own, so that nobody takes its port while it is away, and three
    /// forwarders with short limits.
    private struct Cluster {
        let main: ServerProcess
        let forwarders: [ServerProcess]

        init(ip: String) throws {
            let main = try ServerProcess.main(["IP": ip])
            self.main = main
            let limits = [
                "KVS_CONNECT_TIMEOUT": "200ms", "KVS_FORWARD_TIMEOUT": "500ms",
                // One pool each, so that the number of pooled connections is the load's.
                "KVS_THREADS": "1",
            ]
            forwarders = try (0..<3).map { _ in try .forwarder(to: main.endpoint, limits) }
        }

        /// - Parameter phase: Part of the keys' names, so that each load starts with new keys.
        func startLoad(
            clients: Int = 2,
            phase: String = "",
            seed: UInt64
        ) -> RegisterLoad {
            let keys = ["a", "b", "c", "d"].map { phase + $0 }
            let load = RegisterLoad(keys: keys, seed: seed)
            for forwarder in forwarders {
                load.start(clients, at: forwarder.endpoint, .forwarder)
            }
            return load
        }

        /// Waits until each forwarder says that the main is away.
        func waitUntilUnavailable() throws {
            for forwarder in forwarders {
                let client = HTTPClient(forwarder.endpoint)
                try waitUntil("\(forwarder.endpoint) knows that the main is away") {
                    try client.get("a").text == ExpectedReply.unavailable.body
                }
            }
        }

        /// Expects that, once a forwarder says that it is ready, its first request is answered.
        func expectRecovery() throws {
            for forwarder in forwarders {
                try forwarder.waitUntilReady()
                let response = try HTTPClient(forwarder.endpoint).put("recovery", "x")
                #expect([200, 201].contains(response.status), "\(response.text)")
            }
        }

        /// Ends the load and expects that every answer was right.
        func finish(_ load: RegisterLoad) throws {
            try load.stop()
            #expect(load.wrong == [])
            #expect(load.violations() == [])
            for forwarder in forwarders where forwarder.exitStatus == nil {
                #expect(forwarder.standardError == "")
            }
        }
    }

    @Test("A main that is killed and restarted: the truth, recovery, and nothing leaks")
    func killedMain() throws {
        let cluster = try Cluster(ip: "127.0.0.120")
        // Once before the measurement, so that pools, buffers and code are there.
        try killRounds(1, cluster)
        let before = try cluster.forwarders.map { try Resources(of: $0) }
        try killRounds(4, cluster)
        for (forwarder, before) in zip(cluster.forwarders, before) {
            try before.expectUnchanged(in: forwarder)
        }
    }

    private func killRounds(_ count: Int, _ cluster: Cluster) throws {
        let load = cluster.startLoad(clients: 4, phase: "rounds\(count)_", seed: UInt64(count))
        for _ in 0..<count {
            try load.waitForAnswers(150)
            let killed = monotonicNanoseconds()
            cluster.main.kill()
            try cluster.waitUntilUnavailable()
            try cluster.main.restart()
            try cluster.expectRecovery()
            load.recorder.recordCrash(killed: killed, answered: monotonicNanoseconds())
        }
        try load.waitForAnswers(150)
        try cluster.finish(load)
    }

    @Test("A main that is stopped in its tracks and goes on: the truth, and recovery")
    func stoppedMain() throws {
        let cluster = try Cluster(ip: "127.0.0.121")
        let load = cluster.startLoad(seed: 7)
        for _ in 0..<2 {
            try load.waitForAnswers(150)
            cluster.main.pause()
            try cluster.waitUntilUnavailable()
            cluster.main.resume()
            try cluster.expectRecovery()
        }
        try load.waitForAnswers(150)
        try cluster.finish(load)
        for forwarder in cluster.forwarders {
            #expect(load.tally(at: forwarder.endpoint).unavailable > 0)
        }
    }

    @Test("A forwarder ends cleanly while its main is stopped in its tracks")
    func endsBesideStoppedMain() throws {
        let cluster = try Cluster(ip: "127.0.0.123")
        cluster.main.pause()
        try cluster.main.waitUntilPaused()
        try cluster.waitUntilUnavailable()
        for forwarder in cluster.forwarders { forwarder.terminate() }
        for forwarder in cluster.forwarders {
            #expect(forwarder.waitForExit() == .exited(0))
            #expect(forwarder.standardError == "")
        }
    }

    @Test("A forwarder that ends, by SIGTERM or by SIGKILL, touches no other")
    func endedForwarder() throws {
        let cluster = try Cluster(ip: "127.0.0.122")
        let load = RegisterLoad(keys: ["a", "b", "c", "d"], seed: 9)
        for (index, forwarder) in cluster.forwarders.enumerated() {
            load.start(2, at: forwarder.endpoint, index == 0 ? .forwarder : .mortalForwarder)
        }
        try load.waitForAnswers(150)
        cluster.forwarders[1].terminate()
        #expect(cluster.forwarders[1].waitForExit() == .exited(0))
        cluster.forwarders[2].kill()
        let survivor = cluster.forwarders[0].endpoint
        try load.waitForAnswers(150, at: survivor)
        try HTTPClient(cluster.main.endpoint).put("main", "x").expect(.created)
        try cluster.finish(load)
        #expect(load.tally(at: survivor).unavailable == 0)
        #expect(cluster.forwarders[0].exitStatus == nil)
    }
}

/// What a process holds of the system.
private struct Resources {
    private let descriptors: Int
    private let residentBytes: Int

    /// So much may differ: pooled connections (at most one for each client), and what the allocator
    /// keeps. A descriptor that leaked with each broken connection would be some 16.
    private static let spareDescriptors = 5
    private static let spareBytes = 16 << 20

    init(of process: ServerProcess) throws {
        descriptors = try process.openDescriptorCount()
        residentBytes = try process.residentBytes()
    }

    /// Expects that the process holds as much as before, once it has closed what is over.
    func expectUnchanged(in process: ServerProcess) throws {
        try waitUntil("\(process.endpoint) has closed its descriptors") {
            try process.openDescriptorCount() <= descriptors + Self.spareDescriptors
        }
        if !ServerProcess.isSanitized {
            #expect(try process.residentBytes() <= residentBytes + Self.spareBytes)
        }
    }
}
