/// What happens in virtual time, all of it made of a seed.
package protocol SimulatedSchedule {
    init(seed: UInt64, isTraced: Bool)
    /// How many events there were.
    var eventCount: Int { get }
    /// Runs it, once.
    ///
    /// - Returns: The first promise that was not kept, if any.
    func run() -> Violation?
}

/// Many schedules, one after the other, with the seeds `first`, `first` + 1 and so on.
package struct SimulationRun<Schedule: SimulatedSchedule> {
    package private(set) var schedules = 0
    package private(set) var events = 0
    package private(set) var violations: [Violation] = []
    package let first: UInt64

    package init(of _: Schedule.Type, first: UInt64) { self.first = first }

    /// The seed of the next schedule.
    package var nextSeed: UInt64 { first &+ UInt64(schedules) }

    package mutating func runNext() {
        let schedule = Schedule(seed: nextSeed, isTraced: false)
        if let violation = schedule.run() { violations.append(violation) }
        events += schedule.eventCount
        schedules += 1
    }
}
