import Synchronization

private let count = Atomic<Int>(0)
private let run = UInt32.random(in: 0 ... .max)

/// A key that no other test uses, nor any other run against the same server.
func uniqueKey(_ hint: String = "key") -> String {
    "\(hint)_\(run)_\(count.add(1, ordering: .relaxed).newValue)"
}
