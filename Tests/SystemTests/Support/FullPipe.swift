import Glibc

/// A pipe of 4 KiB that is full, which nobody reads until somebody asks.
final class FullPipe {
    private static let bytes = 4096
    /// The end that a child gets.
    let writeEnd: Int32
    private let readEnd: Int32

    init() throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SystemCallError("pipe") }
        (readEnd, writeEnd) = (ends[0], ends[1])
        // Closed on exec: a child has the end only where it is told to.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let setPipeSize: Int32 = 1031
        guard fcntl(writeEnd, setPipeSize, Int32(Self.bytes)) == Self.bytes,
            write(writeEnd, [UInt8](repeating: 0x2E, count: Self.bytes), Self.bytes) == Self.bytes
        else { throw SystemCallError("fcntl F_SETPIPE_SZ") }
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Reads what is there.
    @discardableResult
    func empty() -> String {
        var seen: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, 0) > 0 {
            let count = Glibc.read(readEnd, &chunk, chunk.count)
            guard count > 0 else { break }
            seen += chunk[..<count]
        }
        return String(decoding: seen, as: UTF8.self)
    }

    /// Reads until `text` has come.
    ///
    /// - Returns: False where it does not come within ten seconds.
    func read(until text: String) -> Bool {
        var seen: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let wanted = Array(text.utf8)
        while true {
            var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 10_000) > 0 else { return false }
            let count = Glibc.read(readEnd, &chunk, chunk.count)
            guard count > 0 else { return false }
            seen += chunk[..<count]
            if String(decoding: seen, as: UTF8.self).contains(text) { return true }
            seen = Array(seen.suffix(wanted.count))
        }
    }
}
