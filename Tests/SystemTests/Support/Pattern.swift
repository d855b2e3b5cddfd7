/// Values whose every part is in its own place: a piece lost, doubled or moved shows.
enum Pattern {
    /// Printable ASCII: the numbers 0, 1, 2, … in fields of eight characters.
    static func bytes(count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        var number = 10_000_000
        while bytes.count < count {
            bytes += String(number).utf8
            number += 1
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
