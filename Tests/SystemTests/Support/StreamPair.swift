import Glibc

/// Both ends of a stream for a child's input or output, closed on exec from their first moment.
///
/// A socket pair, for `pipe2` is not part of the Glibc module, and with `pipe` a child that another
/// thread starts at that moment would inherit the ends and keep the stream open.
struct StreamPair {
    let read: Int32
    let write: Int32

    init() throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SystemCallError("socketpair") }
        (read, write) = (ends[0], ends[1])
    }
}
