#if canImport(TestSupport)
    import Basics
    import TestSupport
    import Testing

    @Suite("Simulation of a server's connections")
    struct ServerSimulationTests {
        /// In a debug build, as many as fit in the time. `scripts/simulate` runs them all.
        private static let schedules = 100_000
        private static let time = TimeSpan.seconds(5)

        @Test("Each request gets its own reply, once and in order")
        func promises() {
            // Not always the same ones: the printed seeds repeat what fails.
            let first = UInt64(MonotonicTime.now.nanoseconds)
            var run = SimulationRun(of: ServerSimulation.self, first: first)
            let start = MonotonicTime.now
            while run.schedules < Self.schedules, run.violations.count < 3,
                MonotonicTime.now - start < Self.time
            {
                run.runNext()
            }
            let span = (MonotonicTime.now - start).inMilliseconds
            print(
                "simulated \(run.schedules) schedules of a server from seed \(first) in \(span) ms"
            )
            for violation in run.violations {
                Issue.record("\(violation); scripts/simulate --server --replay \(violation.seed)")
            }
        }
    }
#endif
