/// The field lines of a head (RFC 9112 §5).
extension HeadParser {
    mutating func parseField(
        _ range: Range<Int>,
        of bytes: UnsafeRawBufferPointer
    ) throws(Refusal) {
        fieldCount += 1
        if fieldCount > limits.fields + (head.known.contains(.via) ? limits.viaFields : 0) {
            throw .tooManyFields
        }
        let line = bytes.slice(range)
        if line[0].isHTTPWhitespace { throw .foldedField }
        let colon = line.endOfToken
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else {
            throw .malformedField
        }
        let name = line.slice(0..<colon)
        let rest = line.slice((colon + 1)..<line.count)
        guard rest.isFieldValue else { throw .malformedField }
        // The lengths of the names that matter: most fields end here.
        guard colon <= 17, Self.lengths >> UInt32(colon) & 1 != 0 else { return }
        if let known = FieldName(name) {
            let value = rest.trimmingWhitespace
            // Safe: `value` is a part of `bytes`.
            head.known.note(known, at: value.baseAddress! - bytes.baseAddress! - start, value.count)
            if known == .connection { try parseConnection(value) }
        } else {
            try parseFraming(name, rest)
        }
    }

    /// A bit for the length of each name in ``FieldName`` and ``parseFraming(_:_:)``.
    private static let lengths: UInt32 =
        1 << 3 | 1 << 4 | 1 << 6 | 1 << 10 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 16 | 1
        << 17

    /// What decides how many bytes belong to the request, and whether it may be answered at all.
    private mutating func parseFraming(
        _ name: UnsafeRawBufferPointer,
        _ rest: UnsafeRawBufferPointer
    ) throws(Refusal) {
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"):
            hostCount += 1
            if !rest.trimmingWhitespace.isAuthority { throw .malformedHost }
        case 6 where name.equalsIgnoringCase("expect"):
            guard rest.trimmingWhitespace.equalsIgnoringCase("100-continue") else {
                throw .expectationFailed
            }
            head.expectsContinue = true
        case 10 where name.equalsIgnoringCase("keep-alive"):
            head.asksForTimeout = true
        case 14 where name.equalsIgnoringCase("content-length"):
            try parseContentLength(rest.trimmingWhitespace)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            if hasTransferEncoding { throw .repeatedTransferEncoding }
            hasTransferEncoding = true
            guard rest.trimmingWhitespace.equalsIgnoringCase("chunked") else {
                throw .unknownTransferCoding
            }
        default:
            break
        }
    }

    private mutating func parseConnection(_ value: UnsafeRawBufferPointer) throws(Refusal) {
        for option in ListMembers(value) {
            connectionOptionCount += 1
            if connectionOptionCount > limits.connectionOptions {
                throw .tooManyConnectionOptions
            }
            if option.equalsIgnoringCase("close") {
                connectionClose = true
            } else if option.equalsIgnoringCase("keep-alive") {
                connectionKeepAlive = true
            }
        }
    }

    private mutating func parseContentLength(_ value: UnsafeRawBufferPointer) throws(Refusal) {
        // 18 digits always fit an Int.
        guard contentLength == nil, !value.isEmpty, value.count <= 18 else {
            throw .malformedContentLength
        }
        var length = 0
        for byte in value {
            guard byte.isDigit else { throw .malformedContentLength }
            length = length * 10 + Int(byte - UInt8(ascii: "0"))
        }
        contentLength = length
    }
}
