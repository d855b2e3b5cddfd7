/// Takes the chunked transfer coding (RFC 9112 §7.1) apart, strictly, as the bytes come.
///
/// evhttp reads chunk sizes leniently (`0x5`, `+5`, `5 junk`, bare LF, a size line without end) and
/// refuses chunk extensions, which RFC 9112 §7.1.1 tells a recipient to ignore. Here it is the other
/// way round: their grammar is checked, and they are dropped. So are trailer fields.
@usableFromInline
struct ChunkedDecoder {
    private enum State {
        case sizeStart, size, extensionWhitespace, sizeLineFeed
        case extensionStart, extensionName, extensionNameEnd
        case extensionValueStart, extensionValue, extensionQuoted, extensionEscape,
            extensionQuoteEnd
        case data, dataReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, endLineFeed
    }

    /// Bytes of one size line with its extensions and its CRLF, and of all trailer fields together.
    private static let maximumSizeLineBytes = 258
    private static let maximumTrailerBytes = 16_384
    /// 8 hexadecimal digits are 4 GiB: more than any limit of a body.
    private static let maximumSizeDigits = 8

    /// Data that may still be announced, in bytes.
    private var remainingBodyBytes: Int
    private var state = State.sizeStart
    private var chunkRemaining = 0
    private var digits = 0
    private var lineBytes = 0
    private var trailerBytes = 0

    /// - Parameter bodyBytes: The largest body that is taken, in bytes of data.
    init(bodyBytes: Int) {
        remainingBodyBytes = bodyBytes
    }

    /// Takes `bytes` and gives the data in them to `append`, in order, in as few pieces as there are.
    ///
    /// - Returns: How many bytes belong to the body, and whether it ends with them. Bytes behind the
    ///   end are left alone.
    mutating func decode(
        _ bytes: UnsafeRawBufferPointer,
        append: (UnsafeRawBufferPointer) throws(Refusal) -> Void
    ) throws(Refusal) -> (consumed: Int, isComplete: Bool) {
        var index = 0
        while index < bytes.count {
            if state == .data {
                let take = min(chunkRemaining, bytes.count - index)
                try append(bytes.slice(index..<(index + take)))
                index += take
                chunkRemaining -= take
                if chunkRemaining == 0 { state = .dataReturn }
                continue
            }
            let byte = bytes[index]
            index += 1
            if try step(byte) { return (index, true) }
        }
        return (index, false)
    }

    /// - Returns: Whether the body is complete.
    private mutating func step(_ byte: UInt8) throws(Refusal) -> Bool {
        switch state {
        case .sizeStart, .size, .sizeLineFeed: try sizeLine(byte)
        case .extensionWhitespace, .extensionStart, .extensionName, .extensionNameEnd,
            .extensionValueStart, .extensionValue, .extensionQuoted, .extensionEscape,
            .extensionQuoteEnd:
            try countSizeLineByte()
            try chunkExtension(byte)
        case .dataReturn: try expect(byte, "\r", then: .dataLineFeed)
        case .dataLineFeed: try expect(byte, "\n", then: .sizeStart)
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed: try trailer(byte)
        case .endLineFeed:
            try expect(byte, "\n", then: .endLineFeed)
            return true
        case .data: preconditionFailure("data is taken in pieces, not in bytes")
        }
        return false
    }

    private mutating func expect(
        _ byte: UInt8,
        _ expected: Unicode.Scalar,
        then next: State
    ) throws(Refusal) {
        guard byte == UInt8(ascii: expected) else { throw .malformedChunk }
        state = next
    }

    private mutating func countSizeLineByte() throws(Refusal) {
        lineBytes += 1
        if lineBytes > Self.maximumSizeLineBytes { throw .malformedChunk }
    }

    private mutating func sizeLine(_ byte: UInt8) throws(Refusal) {
        try countSizeLineByte()
        switch state {
        case .sizeStart:
            guard let digit = byte.hexDigitValue else { throw .malformedChunk }
            (chunkRemaining, digits, state) = (Int(digit), 1, .size)
        case .size:
            if let digit = byte.hexDigitValue {
                digits += 1
                if digits > Self.maximumSizeDigits { throw .malformedChunk }
                chunkRemaining = chunkRemaining << 4 | Int(digit)
            } else {
                try endOfExtension(byte)
            }
        default:
            try expect(byte, "\n", then: chunkRemaining == 0 ? .trailerStart : .data)
            lineBytes = 0
            // Before its data comes: nothing is held for a body that will be refused.
            remainingBodyBytes -= chunkRemaining
            if remainingBodyBytes < 0 { throw .bodyTooLarge }
        }
    }

    /// `chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`, where a name is a
    /// token, and a value a token or a quoted-string (RFC 9112 §7.1.1). Whoever read it less strictly
    /// might find the end of the line in another place than somebody else does.
    private mutating func chunkExtension(_ byte: UInt8) throws(Refusal) {
        let isToken = CharacterClass.contains(byte, .token)
        switch state {
        case .extensionStart where byte.isHTTPWhitespace: break
        case .extensionStart where isToken: state = .extensionName
        case .extensionName where isToken: break
        case .extensionName where byte.isHTTPWhitespace: state = .extensionNameEnd
        case .extensionNameEnd where byte.isHTTPWhitespace: break
        case .extensionName where byte == UInt8(ascii: "="),
            .extensionNameEnd where byte == UInt8(ascii: "="):
            state = .extensionValueStart
        case .extensionNameEnd: try expect(byte, ";", then: .extensionStart)
        case .extensionValueStart where byte.isHTTPWhitespace: break
        case .extensionValueStart where byte == UInt8(ascii: "\""): state = .extensionQuoted
        case .extensionValueStart where isToken: state = .extensionValue
        case .extensionValue where isToken: break
        case .extensionQuoted where byte == UInt8(ascii: "\""): state = .extensionQuoteEnd
        case .extensionQuoted where byte == UInt8(ascii: "\\"): state = .extensionEscape
        case .extensionQuoted where CharacterClass.contains(byte, .fieldValue): break
        case .extensionEscape where CharacterClass.contains(byte, .fieldValue):
            state = .extensionQuoted
        // BWS stands in front of an extension and nowhere else.
        case .extensionWhitespace where byte.isHTTPWhitespace: break
        case .extensionWhitespace: try expect(byte, ";", then: .extensionStart)
        case .extensionName, .extensionValue, .extensionQuoteEnd: try endOfExtension(byte)
        default: throw .malformedChunk
        }
    }

    /// What may stand behind a chunk size, and behind an extension that is complete.
    private mutating func endOfExtension(_ byte: UInt8) throws(Refusal) {
        if byte == UInt8(ascii: ";") {
            state = .extensionStart
        } else if byte.isHTTPWhitespace {
            state = .extensionWhitespace
        } else {
            try expect(byte, "\r", then: .sizeLineFeed)
        }
    }

    private mutating func trailer(_ byte: UInt8) throws(Refusal) {
        trailerBytes += 1
        if trailerBytes > Self.maximumTrailerBytes { throw .headTooLarge }
        switch state {
        case .trailerStart where byte == UInt8(ascii: "\r"):
            state = .endLineFeed
        case .trailerStart:
            guard CharacterClass.contains(byte, .token) else { throw .malformedField }
            state = .trailerName
        case .trailerName where byte == UInt8(ascii: ":"):
            state = .trailerValue
        case .trailerName:
            guard CharacterClass.contains(byte, .token) else { throw .malformedField }
        case .trailerValue where byte == UInt8(ascii: "\r"):
            state = .trailerLineFeed
        case .trailerValue:
            guard CharacterClass.contains(byte, .fieldValue) else { throw .malformedField }
        default:
            try expect(byte, "\n", then: .trailerStart)
        }
    }
}
