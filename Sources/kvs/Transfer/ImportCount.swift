import Basics

/// How many lines of an import are stored. Any task may look.
final class ImportCount: CustomStringConvertible, Sendable {
    private let counts = LockedValue((written: 0, unchanged: 0))

    func add(isWritten: Bool) {
        counts.withLock { counts in
            if isWritten { counts.written += 1 } else { counts.unchanged += 1 }
        }
    }

    var description: String {
        counts.withLock { "\($0.written) written, \($0.unchanged) unchanged" }
    }

    var json: String {
        counts.withLock { "{\"written\":\($0.written),\"unchanged\":\($0.unchanged)}" }
    }
}
