import Glibc

/// Whether there is memory, asked before it is taken by those who cannot do without.
///
/// Swift ends the process where malloc(3) has none. So whoever is about to take much, or to keep what he
/// takes, asks first, and refuses the request; and a loop asks now and then for the small things that its
/// requests take unasked. Any thread may ask; the answer is about what the calling thread would get.
package enum Headroom {
    /// What must be left beside, for the many small things that nobody asks about: 64 KiB.
    package static let reserveBytes = 65_536

    /// The same where ``MemoryBallast`` is used up: nothing but the heap itself is left then.
    private static let reserveWithoutBallast = 524_288

    /// How many requests of one loop may follow each other before it is asked anew. Asking costs 1,400
    /// instructions, because malloc(3) then tidies up.
    package static let requestsPerQuestion = 32

    /// What they take in small pieces, at most, beside what libevent has its own reserve for: 32 KiB.
    private static let requestBytes = 32_768

    /// Whether `count` bytes in one piece could be had now, to be kept, and the reserve beside.
    package static func isThere(for count: Int) -> Bool {
        let reserve = MemoryBallast.running.take() ? reserveBytes : reserveWithoutBallast
        return canHave(count + reserve)
    }

    /// Whether the small things of ``requestsPerQuestion`` requests could be had: from the ballast, where
    /// there is nothing else.
    package static func isThereForRequests() -> Bool {
        if canHave(requestBytes) { return true }
        MemoryBallast.running.drop()
        return canHave(requestBytes)
    }

    private static func canHave(_ count: Int) -> Bool {
        // The compiler takes away a malloc whose block is not used; this one it does not know.
        var block: UnsafeMutableRawPointer?
        guard posix_memalign(&block, 16, count) == 0 else { return false }
        free(block)
        return true
    }
}
