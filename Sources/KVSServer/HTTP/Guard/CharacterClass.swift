/// The character classes of HTTP's grammar, as one table lookup each.
struct CharacterClass: OptionSet, Sendable {
    let rawValue: UInt8

    /// tchar: what methods and field names are made of (RFC 9110 §5.6.2).
    static let token = CharacterClass(rawValue: 1)
    /// What field values are made of: HTAB, SP, VCHAR, obs-text (RFC 9110 §5.5).
    static let fieldValue = CharacterClass(rawValue: 2)
    /// What request targets are made of: visible ASCII without `#` (RFC 9112 §3.2).
    static let target = CharacterClass(rawValue: 4)
    /// What `Host` and authorities are made of (RFC 3986 §3.2), without user information.
    static let host = CharacterClass(rawValue: 8)

    private static let table: InlineArray<256, UInt8> = .init { index in
        let byte = UInt8(index)
        let isAlphanumeric: Bool =
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "a")...UInt8(ascii: "z"): true
            default: false
            }
        var classes: CharacterClass = []
        if isAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(byte) { classes.insert(.token) }
        if byte == 0x09 || (byte >= 0x20 && byte != 0x7F) { classes.insert(.fieldValue) }
        if byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") { classes.insert(.target) }
        if isAlphanumeric || "-._~!$&'()*+,;=:[]%".utf8.contains(byte) { classes.insert(.host) }
        return classes.rawValue
    }

    static func contains(_ byte: UInt8, _ wanted: CharacterClass) -> Bool {
        table[Int(byte)] & wanted.rawValue != 0
    }
}

extension UnsafeRawBufferPointer {
    /// Whether each byte is of the class.
    func consists(of wanted: CharacterClass) -> Bool {
        for byte in self where !CharacterClass.contains(byte, wanted) { return false }
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// Whether it is `host [":" port]` (RFC 3986 §3.2.2 and §3.2.3), without user information.
    var isAuthority: Bool {
        guard consists(of: .host) else { return false }
        var portStart = count
        if first == UInt8(ascii: "[") {
            guard let end = firstIndex(of: UInt8(ascii: "]")),
                slice(1..<end).allSatisfy({
                    $0.hexDigitValue != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
                }), end > 1
            else { return false }
            portStart = end + 1
        } else {
            portStart = firstIndex(of: UInt8(ascii: ":")) ?? count
            let name = slice(0..<portStart)
            for (index, byte) in name.enumerated() {
                if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") { return false }
                if byte == UInt8(ascii: "%") {
                    guard index + 2 < name.count, name[index + 1].hexDigitValue != nil,
                        name[index + 2].hexDigitValue != nil
                    else { return false }
                }
            }
        }
        guard portStart < count else { return true }
        return self[portStart] == UInt8(ascii: ":")
            && slice((portStart + 1)..<count).allSatisfy { $0.isDigit }
    }
}
