import Basics

/// Where swift-log's `StreamLogHandler` puts its lines: into a ``LogQueue``, each cause a few times only.
package struct LogStream: TextOutputStream, Sendable {
    private let queue: LogQueue
    private let repetitions = LockedValue(RepeatedLines())

    package init(_ queue: LogQueue) { self.queue = queue }

    /// Queues one line, which begins with its time; does not block.
    package mutating func write(_ line: String) {
        // The time differs in each, and what comes behind it says whether two are the same.
        let text = line.drop { $0 != " " }
        let second = Int(MonotonicTime.now.nanoseconds / 1_000_000_000)
        switch repetitions.withLock({ $0.verdict(on: text, atSecond: second) }) {
        case .write: queue.append(line.utf8)
        case .last: queue.append((line.dropLast() + " (left out from now on, for a minute)\n").utf8)
        case .leaveOut: break
        }
    }
}

/// Decides which of many equal lines are written: ten in a minute.
struct RepeatedLines {
    enum Verdict { case write, last, leaveOut }

    static let perMinute = 10
    private static let maxTexts = 256
    private var counts: [Substring: Int] = [:]
    private var minuteEnd = Int.min

    /// - Parameter second: Of a clock that does not go back.
    mutating func verdict(on text: Substring, atSecond second: Int) -> Verdict {
        if second >= minuteEnd || counts.count >= Self.maxTexts {
            counts = [:]
            minuteEnd = second + 60
        }
        let count = counts[text, default: 0] + 1
        counts[text] = count
        if count < Self.perMinute { return .write }
        return count == Self.perMinute ? .last : .leaveOut
    }
}
