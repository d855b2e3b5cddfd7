/// Finds the string field `val` of a JSON object (RFC 8259, strictly).
///
/// Other fields may be of any shape: they are checked, and skipped. Nothing recurses: the kinds of
/// the containers that are open are kept in bits, at most ``maxDepth`` of them. A byte order mark
/// at the beginning is passed over, as RFC 8259 §8.1 allows, since some clients write one. The
/// encoding is UTF-8, whatever a charset parameter says.
///
/// - Complexity: linear; allocates nothing.
struct JSONObjectDecoder {
    /// How deep objects and arrays may be nested, the outermost object counted. 512: more than any
    /// document written in earnest, and the bits of eight words.
    static let maxDepth = 512

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private var depth = 0

    /// One bit for each open container, set where it is an object.
    private var objectBits = InlineArray<8, UInt64>(repeating: 0)

    /// Whether the innermost container was just opened, so that no comma may come.
    private var isContainerFresh = false

    /// Returns the value of the field `val`; nil if there is none.
    ///
    /// - Throws: ``ValueFault/malformedJSON(_:offset:)``, ``ValueFault/valueRepeated``,
    ///   ``ValueFault/jsonValueIsNotString``.
    static func value(in body: UnsafeRawBufferPointer) throws(ValueFault) -> EncodedValue? {
        var decoder = JSONObjectDecoder(body)
        return try decoder.value()
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private mutating func value() throws(ValueFault) -> EncodedValue? {
        if bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF {
            offset = 3
        }
        skipWhiteSpace()
        guard try peek() == Self.openBrace else { throw fault(.notAnObject) }
        try open(isObject: true)
        var found: EncodedValue?
        while depth > 0 {
            guard try beginElement() else { continue }
            let isVal = isInObject ? Self.isVal(try name()) : false
            guard isVal && depth == 1 else {
                try skipValue()
                continue
            }
            guard found == nil else { throw .valueRepeated }
            guard try peek() == JSONString.quote else { throw .jsonValueIsNotString }
            found = try string()
        }
        skipWhiteSpace()
        guard offset == bytes.count else { throw fault(.trailingBytes) }
        return found
    }

    /// Goes to the next element of the innermost container, past the comma before it; at the end of
    /// the container closes that, and returns false.
    private mutating func beginElement() throws(ValueFault) -> Bool {
        skipWhiteSpace()
        let byte = try peek()
        if byte == (isInObject ? Self.closeBrace : Self.closeBracket) {
            offset &+= 1
            depth &-= 1
            isContainerFresh = false
            return false
        }
        if !isContainerFresh {
            guard byte == Self.comma else { throw fault(.unexpectedByte) }
            offset &+= 1
            skipWhiteSpace()
        }
        isContainerFresh = false
        return true
    }

    /// Reads a field's name and the colon behind it.
    private mutating func name() throws(ValueFault) -> EncodedValue {
        guard try peek() == JSONString.quote else { throw fault(.unexpectedByte) }
        let name = try string()
        skipWhiteSpace()
        guard try peek() == Self.colon else { throw fault(.unexpectedByte) }
        offset &+= 1
        skipWhiteSpace()
        return name
    }

    /// Reads a value of any kind; of a container, its opening bracket.
    private mutating func skipValue() throws(ValueFault) {
        switch try peek() {
        case Self.openBrace: try open(isObject: true)
        case Self.openBracket: try open(isObject: false)
        case JSONString.quote: _ = try string()
        case Self.minus, Self.zero...Self.nine: try skipNumber()
        case 0x74: try skipLiteral("true")
        case 0x66: try skipLiteral("false")
        case 0x6E: try skipLiteral("null")
        default: throw fault(.unexpectedByte)
        }
    }

    /// Reads the string whose opening quote is at ``offset``.
    private mutating func string() throws(ValueFault) -> EncodedValue {
        let start = offset &+ 1
        let scan = JSONString.scan(bytes, from: start)
        offset = scan.end
        switch scan.stop {
        case .quote: offset &+= 1
        case .endOfInput: throw fault(.unexpectedEnd)
        case .control: throw fault(.rawControl)
        case .badEscape: throw fault(.badEscape)
        case .loneSurrogate: throw fault(.loneSurrogate)
        case .badUTF8: throw fault(.badUTF8)
        }
        let inside = bytes.slice(start..<scan.end)
        // Each escape is longer than what it stands for: where nothing shrinks, there is none.
        return EncodedValue(
            bytes: inside,
            encoding: scan.unescapedCount == inside.count ? .verbatim : .json,
            decodedCount: scan.unescapedCount
        )
    }

    private mutating func skipNumber() throws(ValueFault) {
        if bytes[offset] == Self.minus { offset &+= 1 }
        if offset < bytes.count && bytes[offset] == Self.zero {
            offset &+= 1
        } else {
            try skipDigits()
        }
        if offset < bytes.count && bytes[offset] == 0x2E {
            offset &+= 1
            try skipDigits()
        }
        if offset < bytes.count && bytes[offset] | 0x20 == 0x65 {
            offset &+= 1
            if offset < bytes.count && (bytes[offset] == 0x2B || bytes[offset] == Self.minus) {
                offset &+= 1
            }
            try skipDigits()
        }
    }

    /// Reads one digit or more.
    private mutating func skipDigits() throws(ValueFault) {
        guard Self.zero...Self.nine ~= (try peek()) else { throw fault(.badNumber) }
        while offset < bytes.count && Self.zero...Self.nine ~= bytes[offset] { offset &+= 1 }
    }

    private mutating func skipLiteral(_ literal: StaticString) throws(ValueFault) {
        for index in 0..<literal.utf8CodeUnitCount {
            guard try peek() == literal.utf8Start[index] else { throw fault(.unexpectedByte) }
            offset &+= 1
        }
    }
}

extension JSONObjectDecoder {
    private static let openBrace: UInt8 = 0x7B
    private static let closeBrace: UInt8 = 0x7D
    private static let openBracket: UInt8 = 0x5B
    private static let closeBracket: UInt8 = 0x5D
    private static let comma: UInt8 = 0x2C
    private static let colon: UInt8 = 0x3A
    private static let minus: UInt8 = 0x2D
    private static let zero: UInt8 = 0x30
    private static let nine: UInt8 = 0x39

    private var isInObject: Bool {
        let level = depth &- 1
        return objectBits[level &>> 6] &>> UInt64(level & 63) & 1 == 1
    }

    private mutating func open(isObject: Bool) throws(ValueFault) {
        guard depth < Self.maxDepth else { throw fault(.nestedTooDeeply) }
        let bit: UInt64 = 1 &<< UInt64(depth & 63)
        if isObject {
            objectBits[depth &>> 6] |= bit
        } else {
            objectBits[depth &>> 6] &= ~bit
        }
        depth &+= 1
        offset &+= 1
        isContainerFresh = true
    }

    private mutating func skipWhiteSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset &+= 1
            default: return
            }
        }
    }

    private func peek() throws(ValueFault) -> UInt8 {
        guard offset < bytes.count else { throw fault(.unexpectedEnd) }
        return bytes[offset]
    }

    private func fault(_ fault: JSONFault) -> ValueFault {
        .malformedJSON(fault, offset: offset)
    }

    /// Whether a field's name, which may be written with escapes, is `val`.
    private static func isVal(_ name: EncodedValue) -> Bool {
        guard name.decodedCount == 3 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 3, alignment: 1) { decoded in
            name.decode(into: decoded)
            return decoded[0] == 0x76 && decoded[1] == 0x61 && decoded[2] == 0x6C
        }
    }
}
