/// The members of a comma-separated list (RFC 9110 §5.6.1), in order, without the white space around
/// them. Empty ones are passed over, as §5.6.1.2 asks.
///
/// It finds one member after the other: who stops early has read no further.
package struct ListMembers: Sequence, IteratorProtocol {
    private let list: UnsafeRawBufferPointer
    private var position = 0

    package init(_ list: UnsafeRawBufferPointer) {
        self.list = list
    }

    package mutating func next() -> UnsafeRawBufferPointer? {
        while position < list.count {
            let rest = list.slice(position..<list.count)
            let length = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.count
            let member = rest.slice(0..<length).trimmingWhitespace
            position += length + 1
            if !member.isEmpty { return member }
        }
        return nil
    }
}
