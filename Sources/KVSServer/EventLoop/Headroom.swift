import Glibc

/// Whether there is memory, asked before it is taken by those who cannot do without.
///
/// Swift ends the process where malloc(3) has none. So whoever is about to take much, or to keep what he
/// takes, asks first, and refuses the request. Any thread may ask; the answer is about the calling
/// thread's arena.
enum Headroom {
    /// What must be left beside, for the many small things that nobody asks about: 64 KiB.
    static let reserveBytes = 65_536

    /// Whether `count` bytes in one piece could be had now, and the reserve beside.
    static func isThere(for count: Int) -> Bool {
        // The compiler takes away a malloc whose block is not used; this one it does not know.
        var block: UnsafeMutableRawPointer?
        guard posix_memalign(&block, 16, count + reserveBytes) == 0 else { return false }
        free(block)
        return true
    }
}
