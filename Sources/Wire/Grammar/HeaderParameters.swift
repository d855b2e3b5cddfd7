/// Reads the parameters of a header field such as Content-Type or Content-Disposition:
/// `; name=token; name="quoted string"` (RFC 9110 §5.6.6), one at a time.
///
/// It reads each byte once, and points into the header: it must not outlive it.
struct HeaderParameters {
    /// A parameter, its value as it is written: with the quotes off, but backslashes still in.
    struct Parameter {
        var name: UnsafeRawBufferPointer
        var value: UnsafeRawBufferPointer
        var isQuoted: Bool
    }

    struct Malformed: Error, Equatable {}

    private static let semicolon: UInt8 = 0x3B
    private static let equals: UInt8 = 0x3D
    private static let quote: UInt8 = 0x22
    private static let backslash: UInt8 = 0x5C

    private let bytes: UnsafeRawBufferPointer
    private var offset: Int

    /// Begins at the first semicolon: behind the media type, say.
    init(_ bytes: UnsafeRawBufferPointer, from offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Returns the next parameter, or nil at the end of the header.
    ///
    /// Empty parameters (`;;`) are skipped, as RFC 9110 allows them. White space around `=` is not
    /// allowed there, and refused.
    ///
    /// - Throws: ``Malformed``. What comes after it must not be asked for.
    mutating func next() throws(Malformed) -> Parameter? {
        while true {
            skipWhiteSpace()
            guard offset < bytes.count else { return nil }
            guard bytes[offset] == Self.semicolon else { throw Malformed() }
            offset &+= 1
            skipWhiteSpace()
            guard offset < bytes.count else { return nil }
            if bytes[offset] != Self.semicolon { break }
        }
        let name = token()
        guard !name.isEmpty, offset < bytes.count, bytes[offset] == Self.equals else {
            throw Malformed()
        }
        offset &+= 1
        if offset < bytes.count && bytes[offset] == Self.quote {
            return Parameter(name: name, value: try quotedString(), isQuoted: true)
        }
        let value = token()
        guard !value.isEmpty else { throw Malformed() }
        return Parameter(name: name, value: value, isQuoted: false)
    }

    private mutating func skipWhiteSpace() {
        while offset < bytes.count && bytes[offset].isHTTPWhitespace { offset &+= 1 }
    }

    private mutating func token() -> UnsafeRawBufferPointer {
        let rest = bytes.slice(offset..<bytes.count)
        let token = rest.slice(0..<rest.endOfToken)
        offset &+= token.count
        return token
    }

    private mutating func quotedString() throws(Malformed) -> UnsafeRawBufferPointer {
        offset &+= 1
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case Self.quote:
                offset &+= 1
                return bytes.slice(start..<(offset &- 1))
            case Self.backslash:
                offset &+= 2
            default:
                offset &+= 1
            }
        }
        throw Malformed()
    }
}

extension HeaderParameters.Parameter {
    /// The number of bytes of the value, its backslashes taken out.
    var unquotedCount: Int {
        var iterator = UnquotedIterator(self)
        var count = 0
        while iterator.next() != nil { count &+= 1 }
        return count
    }

    /// Whether the value, its backslashes taken out, is `expected`.
    func hasValue(_ expected: StaticString) -> Bool {
        var iterator = UnquotedIterator(self)
        for index in 0..<expected.utf8CodeUnitCount
        where iterator.next() != expected.utf8Start[index] {
            return false
        }
        return iterator.next() == nil
    }

    /// Goes through a parameter's value, in which a backslash makes the next byte stand for itself
    /// where the value was quoted (RFC 9110 §5.6.4).
    struct UnquotedIterator: IteratorProtocol {
        private let parameter: HeaderParameters.Parameter
        private var offset = 0

        init(_ parameter: HeaderParameters.Parameter) {
            self.parameter = parameter
        }

        mutating func next() -> UInt8? {
            let value = parameter.value
            if parameter.isQuoted && offset < value.count && value[offset] == 0x5C { offset &+= 1 }
            guard offset < value.count else { return nil }
            defer { offset &+= 1 }
            return value[offset]
        }
    }
}
