#if canImport(KVSServer)
    import Basics
    import TestSupport
    import Testing

    @Suite("Simulation of the forwarding core")
    struct SimulationTests {
        /// In a debug build, as many as fit in the time. `scripts/simulate` runs them all.
        private static let schedules = 100_000
        private static let time = TimeSpan.seconds(5)

        @Test("The forwarding core keeps its promises in each schedule")
        func promises() {
            // Not always the same ones: the printed seeds repeat what fails.
            let first = UInt64(MonotonicTime.now.nanoseconds)
            var run = SimulationRun(of: Simulation.self, first: first)
            let start = MonotonicTime.now
            while run.schedules < Self.schedules, run.violations.count < 3,
                MonotonicTime.now - start < Self.time
            {
                run.runNext()
            }
            let span = (MonotonicTime.now - start).inMilliseconds
            print("simulated \(run.schedules) schedules from seed \(first) in \(span) ms")
            for violation in run.violations {
                Issue.record("\(violation); scripts/simulate --core --replay \(violation.seed)")
            }
        }
    }
#endif
