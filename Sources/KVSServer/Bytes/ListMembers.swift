/// The members of a comma-separated list (RFC 9110 §5.6.1), in order, without the white space around
/// them. Empty ones are passed over, as §5.6.1.2 asks.
///
/// It finds one member after the other: who stops early has read no further.
struct ListMembers: Sequence, IteratorProtocol {
    private let list: UnsafeRawBufferPointer
    private var position = 0

    init(_ list: UnsafeRawBufferPointer) {
        self.list = list
    }

    mutating func next() -> UnsafeRawBufferPointer? {
        while position < list.count {
            let end = list[position...].firstIndex(of: UInt8(ascii: ",")) ?? list.count
            let member = list.slice(position..<end).trimmingWhitespace
            position = end + 1
            if !member.isEmpty { return member }
        }
        return nil
    }
}
