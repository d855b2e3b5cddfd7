/// Tabs in front of a field's value, which RFC 9110 §5.6.3 allows.
///
/// evhttp strips spaces there and nothing else: `Expect:<tab>100-continue` is an expectation unknown to
/// it, and `Transfer-Encoding:<tab>chunked` a coding, so that it would look for the end of the body in
/// another place than the guard does. So it gets to see spaces only.
extension UnsafeRawBufferPointer {
    private static let tab = UInt8(ascii: "\t")
    private static let space = UInt8(ascii: " ")

    /// Whether the bytes, which follow a colon, begin with white space with a tab in it.
    var hasLeadingTab: Bool {
        for byte in self {
            if byte == Self.tab { return true }
            if byte != Self.space { return false }
        }
        return false
    }

    /// A copy of a head that the guard has accepted, in which spaces stand for those tabs.
    func replacingLeadingTabs() -> [UInt8] {
        var bytes = [UInt8](self)
        var isInName = false
        var isInFront = false
        for index in bytes.indices {
            switch bytes[index] {
            // The request line holds a line feed at its end only, and no tab.
            case UInt8(ascii: "\n"): (isInName, isInFront) = (true, false)
            case UInt8(ascii: ":") where isInName: (isInName, isInFront) = (false, true)
            case Self.tab where isInFront: bytes[index] = Self.space
            case Self.space: break
            default: isInFront = false
            }
        }
        return bytes
    }
}
