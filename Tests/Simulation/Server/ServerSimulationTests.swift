#if canImport(KVSServer)
    @testable import KVSServer
    import Testing

    @Suite("Simulation of a server's connections")
    struct ServerSimulationTests {
        private static let schedules = 100_000
        private static let time = TimeSpan.seconds(20)

        @Test("Each request gets its own reply, once and in order")
        func promises() {
            let first = UInt64(MonotonicTime.now.nanoseconds)
            let start = MonotonicTime.now
            var schedules: UInt64 = 0
            var violations = 0
            while schedules < Self.schedules, violations < 3, MonotonicTime.now - start < Self.time
            {
                if let violation = ServerSimulation(seed: first &+ schedules).run() {
                    violations += 1
                    Issue.record(
                        "\(violation); scripts/simulate --server --replay \(violation.seed)"
                    )
                }
                schedules += 1
            }
            let span = Simulation.milliseconds(MonotonicTime.now - start)
            print("simulated \(schedules) schedules of a server from seed \(first) in \(span) ms")
        }
    }
#endif
