import CLibevent

/// What glibc's allocator needs to be told, for a process that may hold tens of millions of small blocks.
enum Heap {
    private static let tuneOnce: Void = {
        // Freed small blocks pile up in "fast bins" until one larger request merges them all: after a
        // million removals that one request waits for more than 50 ms. Without the bins blocks are
        // merged one by one as they are freed; each thread's own cache in front of them stays.
        mallopt(M_MXFAST, 0)
    }()

    /// Tunes the allocator, for the whole process. Only the first call does anything.
    static func tune() { tuneOnce }
}
