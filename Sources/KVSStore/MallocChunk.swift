/// What a heap block really takes, by the rules of glibc's malloc on a 64-bit machine.
///
/// A memory limit that counted only the bytes asked for would be passed by a third with small
/// values.
enum MallocChunk {
    /// The bytes that the heap gives away for a request of `byteCount` bytes.
    ///
    /// The chunk has a size field of 8 bytes before the block, is a multiple of 16 bytes and at
    /// least 32 (`request2size` in glibc's malloc.c). From 128 KiB on (`M_MMAP_THRESHOLD`) it is a
    /// mapping of its own: 16 bytes before the block, whole pages. glibc raises that threshold by
    /// itself as such blocks are freed; a block that then comes from the heap takes up to a page
    /// less than is said here.
    static func bytes(forRequestOf byteCount: Int) -> Int {
        if byteCount < mmapThreshold {
            return max(32, (byteCount + 8 + 15) & ~15)
        }
        return (byteCount + 16 + pageBytes - 1) & ~(pageBytes - 1)
    }

    private static let mmapThreshold = 128 * 1024
    private static let pageBytes = 4096
}
