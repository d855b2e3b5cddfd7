import Glibc
import Synchronization

/// Address space that is held and never touched, to be dropped when there is no other left.
///
/// A limit of the address space (`ulimit -v`, setrlimit(2)) or of what the kernel commits is met in
/// malloc(3), and most callers of that do not survive it: Swift's runtime, and libdispatch where it needs
/// a thread. The kernel gives no page for it. Any thread may use it.
package final class MemoryBallast: Sendable {
    /// What requests live on while memory has run out: 4 MiB.
    package static let running = MemoryBallast(bytes: 4 << 20)

    /// What a stop needs: 32 MiB, the stacks of a few threads. Drop it when the stop begins.
    package static let stopping = MemoryBallast(bytes: 32 << 20)

    private struct Mapping: @unchecked Sendable {
        // Safe: nobody reads or writes what it points to.
        var start: UnsafeMutableRawPointer?
    }

    private let bytes: Int
    private let mapping = LockedValue(Mapping())
    private let isHeld = Atomic(false)

    private init(bytes: Int) { self.bytes = bytes }

    /// Whether `bytes` more could be held now.
    package static func canHold(bytes: Int) -> Bool {
        let trial = MemoryBallast(bytes: bytes)
        defer { trial.drop() }
        return trial.take()
    }

    /// Holds it, again where it was dropped.
    ///
    /// - Returns: Whether it is held now.
    @discardableResult
    package func take() -> Bool {
        if isHeld.load(ordering: .relaxed) { return true }
        return mapping.withLock { mapping in
            guard mapping.start == nil else { return true }
            // Writable, so that it counts wherever such memory counts.
            let start = mmap(
                nil,
                bytes,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS,
                -1,
                0
            )
            guard start != MAP_FAILED else { return false }
            mapping.start = start
            isHeld.store(true, ordering: .relaxed)
            return true
        }
    }

    /// Gives the space back to the process. Dropping it twice does nothing.
    package func drop() {
        mapping.withLock { mapping in
            guard let start = mapping.start else { return }
            munmap(start, bytes)
            mapping.start = nil
            isHeld.store(false, ordering: .relaxed)
        }
    }
}
