import Foundation

/// A value that many threads use, one at a time.
///
/// Not the standard library's `Mutex`: ThreadSanitizer does not see that one's locking on Linux, and
/// reports every use as a race.
// Safe: `value` is only touched while `lock` is held.
final class Locked<Value>: @unchecked Sendable {
    private var value: Value
    private let lock = NSLock()

    init(_ value: Value) {
        self.value = value
    }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
