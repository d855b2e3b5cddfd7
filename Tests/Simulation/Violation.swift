import Basics

/// A promise that was not kept.
struct Violation: CustomStringConvertible {
    let seed: UInt64
    let time: MonotonicTime
    let promise: String

    var description: String {
        "seed \(seed), at \(Simulation.milliseconds(time - Simulation.start)) ms: \(promise)"
    }
}
