package import Basics

/// What schedules are drawn by.
extension SeededGenerator {
    /// A number from 0 up to, but not including, `bound`.
    package mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    package mutating func number(_ least: Int, _ most: Int) -> Int {
        least + below(most - least + 1)
    }

    package mutating func chance(_ percent: Int) -> Bool { percent > 0 && below(100) < percent }

    /// A span between two numbers of milliseconds.
    package mutating func span(_ least: Int, _ most: Int) -> TimeSpan {
        TimeSpan(nanoseconds: Int64(number(least * 1000, most * 1000)) * 1000)
    }

    /// A span from zero to `most`.
    package mutating func span(upTo most: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: Int64(below(Int(most.nanoseconds) + 1)))
    }
}
