import Glibc

/// One line on stderr that says how far a command is, where stderr is a terminal and it takes long.
struct ProgressLine {
    /// What counts as much: below it, all is over before anybody has read a line.
    static let largeBytes = 256 << 10

    private let isShown = isatty(STDERR_FILENO) == 1
    private var isThere = false

    /// Shows `text` in place of what stood there.
    mutating func show(_ text: String) {
        guard isShown else { return }
        isThere = true
        write("\r\u{1b}[Kkvs: \(text)")
    }

    /// Takes the line away.
    mutating func clear() {
        guard isThere else { return }
        isThere = false
        write("\r\u{1b}[K")
    }

    private func write(_ text: String) {
        // It is worth nothing to wait for, or to fail for.
        _ = Array(text.utf8).withUnsafeBytes {
            Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }

    /// Shows `text` and the seconds that pass while `work` runs, and clears the line behind it.
    ///
    /// - Parameter delay: How long nothing is shown.
    static func during<Result: Sendable>(
        _ text: String,
        after delay: Duration = .zero,
        _ work: () async -> Result
    ) async -> Result {
        let ticker = Task {
            var line = ProgressLine()
            let start = ContinuousClock.now
            try? await Task.sleep(for: delay)
            while !Task.isCancelled {
                line.show("\(text), \((ContinuousClock.now - start).components.seconds) s")
                try? await Task.sleep(for: .milliseconds(200))
            }
            line.clear()
        }
        let result = await work()
        ticker.cancel()
        await ticker.value
        return result
    }

    /// `1.5 MiB`, `300 KiB`.
    static func size(_ bytes: Int) -> String {
        guard bytes >= 1 << 20 else { return "\(bytes >> 10) KiB" }
        let tenths = (bytes * 10) >> 20
        return "\(tenths / 10).\(tenths % 10) MiB"
    }
}
