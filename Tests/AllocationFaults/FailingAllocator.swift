import CLibevent
import EventLoops
import Glibc
import KVSServer
import Synchronization

/// libevent's allocator, which fails when it is told to. Safe to use from any thread.
enum FailingAllocator {
    /// Allocations that libevent has asked for since the last ``fail(from:to:)``.
    private static let asked = Atomic(0)
    private static let failed = Atomic(0)
    private static let first = Atomic(Int.max)
    private static let last = Atomic(Int.max)

    /// Stands in for malloc(3) below the server's own allocator. Call it before any loop runs.
    static func install() {
        event_set_mem_functions(
            {
                FailingAllocator.mustFail() ? LibeventMemory.takeReserve($0) : malloc($0)
            },
            {
                LibeventMemory.resize($0, $1) {
                    FailingAllocator.mustFail() ? nil : realloc($0, $1)
                }
            },
            { LibeventMemory.release($0) }
        )
    }

    private static func mustFail() -> Bool {
        let number = asked.add(1, ordering: .relaxed).newValue
        guard number >= first.load(ordering: .relaxed), number <= last.load(ordering: .relaxed)
        else { return false }
        failed.add(1, ordering: .relaxed)
        return true
    }

    /// From now on, the allocations `first` to `last` fail, counted from 1.
    static func fail(from first: Int, to last: Int) {
        self.first.store(.max, ordering: .relaxed)
        asked.store(0, ordering: .relaxed)
        failed.store(0, ordering: .relaxed)
        self.last.store(last, ordering: .relaxed)
        self.first.store(first, ordering: .relaxed)
    }

    /// None fails any more.
    ///
    /// - Returns: How many have failed.
    static func stop() -> Int {
        first.store(.max, ordering: .relaxed)
        return failed.load(ordering: .relaxed)
    }
}
