@testable import Basics

// What these tests use of the package's own, so that it is there once.

typealias Locked = LockedValue

/// The time of the clock that every process of this machine shares.
func monotonicNanoseconds() -> Int64 { MonotonicTime.now.nanoseconds }
