#if canImport(KVSServer)
    @testable import KVSServer
#endif

/// Random numbers that are the same for the same seed: SplitMix64.
struct SeededGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
        // Seeds that follow each other must not give sequences that do.
        state = next() ^ (seed &* 0xD1B5_4A32_D192_ED03)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, but not including, `bound`.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    mutating func number(_ least: Int, _ most: Int) -> Int { least + below(most - least + 1) }

    mutating func chance(_ percent: Int) -> Bool { percent > 0 && below(100) < percent }

    /// A span between two numbers of milliseconds.
    mutating func span(_ least: Int, _ most: Int) -> TimeSpan {
        TimeSpan(nanoseconds: Int64(number(least * 1000, most * 1000)) * 1000)
    }

    /// A span from zero to `most`.
    mutating func span(upTo most: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: Int64(below(Int(most.nanoseconds) + 1)))
    }
}
