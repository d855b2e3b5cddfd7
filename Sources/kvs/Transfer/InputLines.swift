import Glibc
import Wire

/// The lines of a file or of stdin, one after the other. For one task at a time.
final class InputLines {
    /// The longest line. A value of 1.5 MiB takes 9 MiB where each byte is an escape of six characters.
    private static let maximumBytes = 10 << 20
    private static let readBytes = 256 << 10

    private let descriptor: Int32
    private let name: String
    private var part = [UInt8](repeating: 0, count: readBytes)
    /// What was read and is not done with yet, from `start` on.
    private var bytes: [UInt8] = []
    private var start = 0
    /// Up to there nobody needs to look for a line end any more.
    private var searchedCount = 0
    private var isAtEnd = false
    /// Which line came last; the first one is 1.
    private(set) var number = 0

    /// - Parameter path: nil for stdin.
    init(path: String?) throws(ValueSource.Fault) {
        name = path ?? "stdin"
        descriptor = path.map { open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
        guard descriptor >= 0 else { throw ValueSource.Fault(unreadable: name) }
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// The next line; nil where it has not been read yet, or there is none.
    ///
    /// - Throws: ``ImportedLine/Fault``: of the line ``number``.
    func next() throws(ImportedLine.Fault) -> ImportedLine? {
        guard let end = lineEnd() else {
            guard bytes.count - start > Self.maximumBytes else { return nil }
            number += 1
            throw ImportedLine.Fault(reason: "it has more than \(Self.maximumBytes) bytes")
        }
        number += 1
        let line = start..<end
        start = min(end + 1, bytes.count)
        searchedCount = start
        return try bytes.withUnsafeBufferPointer { bytes throws(ImportedLine.Fault) in
            try ImportedLine(UnsafeRawBufferPointer(bytes).slice(line))
        }
    }

    /// Where the next line ends, without its line end, which the last one may lack.
    private func lineEnd() -> Int? {
        let end = bytes.withUnsafeBytes { $0.indexOfLineFeed(from: searchedCount) }
        searchedCount = bytes.count
        return end ?? (isAtEnd && start < bytes.count ? bytes.count : nil)
    }

    /// Whether ``readMore()`` would wait for whoever writes.
    var wouldWait: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return !isAtEnd && poll(&entry, 1, 0) == 0
    }

    /// Reads more, behind what is there; waits for it.
    ///
    /// - Returns: False where nothing more is to be had.
    func readMore() throws(ValueSource.Fault) -> Bool {
        guard !isAtEnd else { return false }
        bytes.removeFirst(start)
        searchedCount -= start
        start = 0
        while true {
            let count = read(descriptor, &part, part.count)
            if count > 0 {
                bytes += part[..<count]
                return true
            }
            if count == 0 {
                isAtEnd = true
                // The last line may have no line end.
                return true
            }
            if errno == EAGAIN {
                // Whoever shares it has made it non-blocking.
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&entry, 1, -1)
            } else if errno != EINTR {
                throw ValueSource.Fault(unreadable: name)
            }
        }
    }
}
