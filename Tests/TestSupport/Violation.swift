package import Basics

/// A promise that was not kept in a simulated schedule.
package struct Violation: CustomStringConvertible {
    package let seed: UInt64
    /// Since the schedule's start.
    package let time: TimeSpan
    package let promise: String

    package init(seed: UInt64, time: TimeSpan, promise: String) {
        self.seed = seed
        self.time = time
        self.promise = promise
    }

    package var description: String {
        "seed \(seed), at \(time.inMilliseconds) ms: \(promise)"
    }
}

extension TimeSpan {
    /// As milliseconds with three digits behind the point.
    package var inMilliseconds: String {
        let microseconds = nanoseconds / 1000
        let fraction = String(microseconds % 1000 + 1000).dropFirst()
        return "\(microseconds / 1000).\(fraction)"
    }
}
