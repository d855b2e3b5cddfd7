/// Decides which of many equal lines are written: ten in a minute.
struct RepeatedLines {
    enum Verdict { case write, last, leaveOut }

    static let perMinute = 10
    private static let maxTexts = 256
    private var counts: [String: Int] = [:]
    private var minuteEnd = Int.min

    /// - Parameter second: Of a clock that does not go back.
    mutating func verdict(on text: String, atSecond second: Int) -> Verdict {
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
