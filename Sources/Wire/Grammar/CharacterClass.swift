/// The character classes of HTTP's grammar: a bit for each byte, in constants that need no set-up.
struct CharacterClass: Sendable {
    private let bits: (UInt64, UInt64, UInt64, UInt64)

    private init(_ low: UInt64, _ high: UInt64, others: UInt64 = 0) {
        bits = (low, high, others, others)
    }

    /// tchar: what methods and field names are made of (RFC 9110 §5.6.2), ``!#$%&'*+-.^_`|~`` and
    /// alphanumerics.
    static let token = CharacterClass(0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE)
    /// What field values are made of: HTAB, SP, VCHAR, obs-text (RFC 9110 §5.5).
    static let fieldValue = CharacterClass(
        0xFFFF_FFFF_0000_0200,
        0x7FFF_FFFF_FFFF_FFFF,
        others: .max
    )
    /// What request targets are made of: visible ASCII without `#` (RFC 9112 §3.2).
    static let target = CharacterClass(0xFFFF_FFF6_0000_0000, 0x7FFF_FFFF_FFFF_FFFF)
    /// What `Host` and authorities are made of (RFC 3986 §3.2), without user information:
    /// `-._~!$&'()*+,;=:[]%` and alphanumerics.
    static let host = CharacterClass(0x2FFF_7FF2_0000_0000, 0x47FF_FFFE_AFFF_FFFE)

    /// What a request's id is made of: `-._` and alphanumerics.
    static let requestID = CharacterClass(0x03FF_6000_0000_0000, 0x07FF_FFFE_87FF_FFFE)

    @inline(__always)
    static func contains(_ byte: UInt8, _ wanted: CharacterClass) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: wanted.bits.0
            case 1: wanted.bits.1
            case 2: wanted.bits.2
            default: wanted.bits.3
            }
        return word >> UInt64(byte & 63) & 1 != 0
    }
}

extension UnsafeRawBufferPointer {
    /// Whether each byte is of the class.
    func consists(of wanted: CharacterClass) -> Bool {
        var index = 0
        while index < count {
            guard CharacterClass.contains(self[index], wanted) else { return false }
            index &+= 1
        }
        return true
    }

    /// Where the token ends with which the bytes begin.
    var endOfToken: Int { endOfToken(from: 0) }

    /// Where the token ends that begins at `start`.
    @inline(__always)
    func endOfToken(from start: Int) -> Int {
        var index = start
        // Most names are letters and hyphens.
        while index &+ 8 <= count {
            let other = ~ByteScan.lettersAndHyphens(in: ByteScan.load(self, at: index))
            index &+= (other & ByteScan.highBits).trailingZeroBitCount / 8
            if other & ByteScan.highBits == 0 { continue }
            guard CharacterClass.contains(self[index], .token) else { return index }
            index &+= 1
        }
        while index < count, CharacterClass.contains(self[index], .token) { index &+= 1 }
        return index
    }

    /// The first place at or after `start` of an ASCII control character, or else the end.
    @inline(__always)
    func firstControl(from start: Int) -> Int {
        var index = start
        while index &+ 8 <= count {
            let word = ByteScan.load(self, at: index)
            let marks =
                ByteScan.marks(below: 0x20, in: word) | ByteScan.marks(of: 0x7F, in: word)
            if marks != 0 { return index &+ marks.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < count, self[index] >= 0x20, self[index] != 0x7F { index &+= 1 }
        return index
    }

    /// Whether each byte is of ``CharacterClass/fieldValue``. Most of a head is values: eight bytes at a
    /// time, and only words with something unusual in them one by one.
    var isFieldValue: Bool {
        consists(of: .fieldValue) { word in
            ByteScan.marks(below: 0x20, in: word) | ByteScan.marks(of: 0x7F, in: word)
        }
    }

    /// Whether each byte is of ``CharacterClass/target``.
    var isTarget: Bool {
        consists(of: .target) { word in
            ByteScan.marks(below: 0x21, in: word) | ByteScan.marks(of: UInt8(ascii: "#"), in: word)
                | ByteScan.marks(of: 0x7F, in: word) | word & ByteScan.highBits
        }
    }

    /// - Parameter unusual: Zero where each byte of a word is certainly of the class.
    @inline(__always)
    private func consists(of wanted: CharacterClass, _ unusual: (UInt64) -> UInt64) -> Bool {
        guard count >= 8, let bytes = baseAddress else { return consists(of: wanted) }
        var index = 0
        let last = count &- 8
        while true {
            let word = UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            )
            guard unusual(word) == 0 || slice(index..<(index &+ 8)).consists(of: wanted) else {
                return false
            }
            if index == last { return true }
            // The last word may overlap the one in front of it.
            index = Swift.min(index &+ 8, last)
        }
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
