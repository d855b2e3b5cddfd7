import Basics
import Logging

/// How the memory that there is is shared out, so that all of it together fits.
extension Configuration {
    /// 1/8 of what there is, 8 to 256 MiB.
    static func defaultBufferedBytes(available: Int) -> Int {
        max(8 << 20, min(256 << 20, available / 8))
    }

    /// What the program and the buffers leave, less a margin for what the heap adds; at most 3/4 of what
    /// there is and at least 1 MiB.
    static func defaultMemoryBytes(available: Int, buffered: Int, threads: Int) -> Int {
        let left = available - ownBytes(threads: threads) - buffered / 10 * 11
        return max(1 << 20, min(available / 4 * 3, left / 13 * 10))
    }

    /// Addresses that a start needs beside the ballast: stacks of 8 MiB for the loops and for what the
    /// runtime, the log and the signals have, and what all of them take before they can refuse anything.
    var addressBytesToBegin: Int { (threads + 6) * (8 << 20) + (16 << 20) }

    /// The program itself, and per loop its heap and one largest reply, which may pass the budget.
    private static func ownBytes(threads: Int) -> Int { (16 << 20) + threads * (11 << 20) }

    /// The resident memory that the settings may come to, in bytes.
    var neededBytes: Int {
        let store = if case .main = role { maximumMemoryBytes / 10 * 13 } else { 0 }
        return Self.ownBytes(threads: threads) + maximumBufferedBytes / 10 * 11 + store
    }

    /// What the resident memory without buffers is held below: what there is, less what buffers may
    /// take and one largest reply for each loop.
    var storeCeilingBytes: Int {
        // Limits of addresses are met in malloc(3), and asked for there (`Headroom`).
        let available = MemoryLimit.resident()
        let buffers = maximumBufferedBytes / 10 * 11 + threads * (9 << 20)
        return max(available / 2, available - buffers)
    }

    /// What items may take whatever is resident: half of what the defaults would give them, so that twice
    /// their size still fits.
    var storeFloorBytes: Int {
        let fitting = Self.defaultMemoryBytes(
            available: MemoryLimit.resident(),
            buffered: maximumBufferedBytes,
            threads: threads
        )
        return max(1 << 20, min(maximumMemoryBytes, fitting) / 2)
    }

    /// Says where the settings may come to more than there is. Call it before threads are started.
    func warnOfMemory(_ logger: Logger) {
        let available = MemoryLimit.available(threads: threads)
        guard neededBytes > available else { return }
        logger.warning(
            "too little memory for all limits: lower KVS_MAX_MEMORY or KVS_MAX_BUFFERED",
            metadata: ["needed": "\(neededBytes)", "available": "\(available)"]
        )
    }
}
