/// Many schedules, one after the other, with the seeds `first`, `first` + 1 and so on.
struct SimulationRun {
    private(set) var schedules = 0
    private(set) var events = 0
    private(set) var violations: [Violation] = []
    let first: UInt64

    init(first: UInt64) { self.first = first }

    /// The seed of the next schedule.
    var nextSeed: UInt64 { first &+ UInt64(schedules) }

    mutating func runNext() {
        let simulation = Simulation(seed: nextSeed)
        if let violation = simulation.run() { violations.append(violation) }
        events += simulation.eventCount
        schedules += 1
    }
}
