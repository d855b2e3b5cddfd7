/// The field lines of a head (RFC 9112 §5).
extension HeadParser {
    @inline(__always)
    mutating func countField() throws(Refusal) {
        fieldCount += 1
        guard fieldCount > limits.fields else { return }
        guard head.known.contains(.via), fieldCount <= limits.fields + limits.viaFields else {
            throw .tooManyFields
        }
    }

    mutating func take(_ line: FieldLine, of bytes: UnsafeRawBufferPointer) throws(Refusal) {
        let name = line.name(in: bytes)
        // Most fields end here.
        guard Self.mayMatter(name) else { return }
        if let known = FieldName(name) {
            let value = line.value(in: bytes)
            // Safe: `value` is a part of `bytes`.
            head.known.note(known, at: value.baseAddress! - bytes.baseAddress! - start, value.count)
            if known == .connection { try parseConnection(value) }
            guard known.isForGateways else { return }
        } else {
            guard try parseFraming(name, line, of: bytes) || HopByHop.contains(name) else { return }
        }
        head.omitted.note((line.range.lowerBound - start)..<(line.range.upperBound - start))
    }

    /// Whether a name of that length with that first letter is one in ``FieldName``,
    /// ``parseFraming(_:_:of:)`` or ``HopByHop``.
    @inline(__always)
    private static func mayMatter(_ name: UnsafeRawBufferPointer) -> Bool {
        let initials: UInt32 =
            switch name.count {
            case 2: initial("t")
            case 3: initial("v")
            case 4: initial("h")
            case 6: initial("a") | initial("e")
            case 8: initial("i")
            case 7: initial("t") | initial("u")
            case 10: initial("c") | initial("k")
            case 12: initial("c") | initial("x")
            case 13: initial("c") | initial("i")
            case 14: initial("c")
            case 15: initial("x")
            case 16: initial("c") | initial("p")
            case 17: initial("t")
            case 18, 19: initial("p")
            default: 0
            }
        return initials >> UInt32(name[0] & 31) & 1 != 0
    }

    /// A bit for a letter of either case.
    @inline(__always)
    private static func initial(_ letter: Unicode.Scalar) -> UInt32 { 1 << (letter.value & 31) }

    /// What decides how many bytes belong to the request, and whether it may be answered at all.
    ///
    /// - Returns: Whether the field is of this kind. It is for the next hop only.
    private mutating func parseFraming(
        _ name: UnsafeRawBufferPointer,
        _ line: FieldLine,
        of bytes: UnsafeRawBufferPointer
    ) throws(Refusal) -> Bool {
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"):
            hostCount += 1
            if !line.value(in: bytes).isAuthority { throw .malformedHost }
        case 6 where name.equalsIgnoringCase("expect"):
            guard line.value(in: bytes).equalsIgnoringCase("100-continue") else {
                throw .expectationFailed
            }
            head.expectsContinue = true
        case 10 where name.equalsIgnoringCase("keep-alive"):
            head.asksForTimeout = true
        case 14 where name.equalsIgnoringCase("content-length"):
            try parseContentLength(line.value(in: bytes))
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            if hasTransferEncoding { throw .repeatedTransferEncoding }
            hasTransferEncoding = true
            guard line.value(in: bytes).equalsIgnoringCase("chunked") else {
                throw .unknownTransferCoding
            }
        default:
            return false
        }
        return true
    }

    private mutating func parseConnection(_ value: UnsafeRawBufferPointer) throws(Refusal) {
        for option in ListMembers(value) {
            connectionOptionCount += 1
            if connectionOptionCount > limits.connectionOptions {
                throw .tooManyConnectionOptions
            }
            head.omitted.note(connectionOption: option)
            if option.equalsIgnoringCase("close") {
                connectionClose = true
            } else if option.equalsIgnoringCase("keep-alive") {
                connectionKeepAlive = true
            }
        }
    }

    private mutating func parseContentLength(_ value: UnsafeRawBufferPointer) throws(Refusal) {
        guard contentLength == nil, let length = value.decimalNumber else {
            throw .malformedContentLength
        }
        contentLength = length
    }
}
