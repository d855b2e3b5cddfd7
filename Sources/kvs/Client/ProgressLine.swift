import Basics
import Glibc

/// One line on stderr that says how far a command is, where stderr is a terminal and it takes long.
struct ProgressLine {
    /// What counts as much: below it, all is over before anybody has read a line.
    static let largeBytes = 256 << 10

    private enum State {
        case absent
        case there
        /// Nothing more is shown.
        case over
    }

    /// There is one stderr, and so one line.
    private static let state = LockedValue(State.absent)

    private let isShown = isatty(STDERR_FILENO) == 1

    /// Shows `text` in place of what stood there.
    func show(_ text: String) {
        guard isShown else { return }
        Self.state.withLock { state in
            guard state != .over else { return }
            state = .there
            Self.write("\r\u{1b}[Kkvs: \(text)")
        }
    }

    /// Takes the line away.
    func clear() { Self.leave(.absent) }

    /// Takes the line away, and shows none any more: the program ends.
    static func clearForGood() { leave(.over) }

    private static func leave(_ next: State) {
        state.withLock { state in
            if state == .there { write("\r\u{1b}[K") }
            if state != .over { state = next }
        }
    }

    private static func write(_ text: String) {
        // It is worth nothing to wait for, or to fail for.
        _ = Array(text.utf8).withUnsafeBytes {
            Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }

    /// Shows `text`, made anew each time, and the seconds that pass while `work` runs, and clears the line
    /// behind it.
    ///
    /// - Parameters:
    ///   - delay: How long nothing is shown.
    ///   - isBesideOutput: Whether stdout goes on meanwhile: then there is no line where that is a terminal.
    static func during<Result: Sendable>(
        _ text: @autoclosure @escaping @Sendable () -> String,
        after delay: Duration = .zero,
        isBesideOutput: Bool = false,
        _ work: () async -> Result
    ) async -> Result {
        let isHidden = isBesideOutput && Output.isTerminal
        let ticker = Task {
            guard !isHidden else { return }
            let line = ProgressLine()
            let start = ContinuousClock.now
            try? await Task.sleep(for: delay)
            while !Task.isCancelled {
                line.show("\(text()), \((ContinuousClock.now - start).components.seconds) s")
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
