import Basics
import KVSClient

/// The lines of an export: encoded one at a time, as the largest takes 9 MiB, and written many at a time.
actor ExportedLines {
    /// So much is written at once.
    private static let flushBytes = 256 << 10

    private var waiting: [UInt8] = []
    /// How many there were so far.
    nonisolated let count = LockedValue(0)

    func add(_ key: String, _ value: StoredValue) {
        waiting += "{\"key\":\"\(key)\",".utf8
        JSONText.append(valueFields: value.bytes, to: &waiting)
        waiting += "\(JSONText.field(secondsToLive: value.secondsToLive))}\n".utf8
        count.withLock { $0 += 1 }
        if waiting.count >= Self.flushBytes { flush() }
    }

    /// Writes what is there, whole lines. Where stdout takes them not, the program ends.
    func flush() {
        Output.write(waiting)
        waiting.removeAll(keepingCapacity: waiting.count <= 2 * Self.flushBytes)
    }
}
