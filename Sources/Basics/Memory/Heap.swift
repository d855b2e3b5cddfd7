import CMalloc
import Glibc

/// What glibc's allocator needs to be told, for a process that may hold tens of millions of small blocks.
package enum Heap {
    private static let tuneOnce: Void = {
        // Freed small blocks pile up in "fast bins" until one larger request merges them all: after a
        // million removals that one request waits for more than 50 ms. Without the bins blocks are
        // merged one by one as they are freed; each thread's own cache in front of them stays.
        mallopt(M_MXFAST, 0)
        // glibc raises the size from which a block is a mapping of its own, and goes back to the system when
        // it is freed, up to 32 MiB: large values and buffers would leave holes in the heap of each loop, a
        // multiple of what they are allowed to take together. 1.8 MB: below it are items, above it the
        // buffers that large bodies are read into (libevent takes powers of two), which come and go.
        mallopt(M_MMAP_THRESHOLD, 1_800_000)
        // That also ends the growing of this one, which would give the heap's end back again and again.
        mallopt(M_TRIM_THRESHOLD, 4 << 20)
    }()

    /// Where addresses are limited (`ulimit -v`), one heap serves all threads: each further one takes 64 MiB
    /// of addresses at once, and whoever comes last finds none. Call it before any thread is made.
    package static func shareUnderAddressLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
            limit.rlim_cur != rlim_t.max
        else { return }
        mallopt(M_ARENA_MAX, 1)
    }

    private static let lastTrim = LockedValue<MonotonicTime?>(nil)

    /// Gives the system back what is free in the heap, at most once in 5 s: it walks all of it, and other
    /// threads wait for its parts meanwhile. Any thread may call it.
    ///
    /// - Returns: Whether it was done.
    package static func trim() -> Bool {
        let now = MonotonicTime.now
        let isDue = lastTrim.withLock { last in
            if let last, now < last + .seconds(5) { return false }
            last = now
            return true
        }
        if isDue { malloc_trim(0) }
        return isDue
    }

    /// Tunes the allocator, for the whole process. Only the first call does anything.
    package static func tune() { tuneOnce }
}
