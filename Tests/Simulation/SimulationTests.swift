#if canImport(KVSServer)
    @testable import KVSServer
    import Testing

    @Suite("Simulation of the forwarding core")
    struct SimulationTests {
        /// 100,000 schedules in a release build are seconds, in a debug build minutes: this runs as
        /// many as fit in. `scripts/simulate` runs them all.
        private static let schedules = 100_000
        private static let time = TimeSpan.seconds(20)

        @Test("The forwarding core keeps its promises in each schedule")
        func promises() {
            // Not always the same ones: the printed seeds repeat what fails.
            let first = UInt64(MonotonicTime.now.nanoseconds)
            var run = SimulationRun(first: first)
            let start = MonotonicTime.now
            while run.schedules < Self.schedules, run.violations.count < 3,
                MonotonicTime.now - start < Self.time
            {
                run.runNext()
            }
            let span = Simulation.milliseconds(MonotonicTime.now - start)
            print("simulated \(run.schedules) schedules from seed \(first) in \(span) ms")
            for violation in run.violations {
                Issue.record("\(violation); scripts/simulate --replay \(violation.seed)")
            }
        }
    }
#endif
