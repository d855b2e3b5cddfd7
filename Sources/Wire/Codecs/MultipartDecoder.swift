/// Finds the part `val` of a `multipart/form-data` body (RFC 7578, RFC 2046 §5.1).
///
/// A boundary line is CRLF (or the body's beginning), two hyphens, the boundary, perhaps two more
/// hyphens, white space, and CRLF (or, behind the last one, the body's end). Anything else that
/// looks like one is content, so values may have any bytes. Preamble and epilogue are passed over.
///
/// - Complexity: linear. The delimiter has a CR at its beginning only. Where comparing it with the
///   body fails, no CR has been passed but the first, so the search goes on behind the bytes
///   compared: none is looked at more than twice.
struct MultipartDecoder {
    private static let carriageReturn: UInt8 = 0x0D
    private static let lineFeed: UInt8 = 0x0A
    private static let hyphen: UInt8 = 0x2D

    private let body: UnsafeRawBufferPointer

    /// Two hyphens and the boundary.
    private let dashBoundary: UnsafeRawBufferPointer

    /// Returns the value of the part `val`, which always stands verbatim; nil if there is none.
    ///
    /// - Throws: ``ValueFault/malformedMultipart(_:)``, ``ValueFault/valueRepeated``.
    static func value(
        in body: UnsafeRawBufferPointer,
        boundary: [UInt8]
    ) throws(ValueFault) -> EncodedValue? {
        let dashBoundary = [hyphen, hyphen] + boundary
        let result = dashBoundary.withUnsafeBytes { dashBoundary in
            Result { () throws(ValueFault) in
                try MultipartDecoder(body: body, dashBoundary: dashBoundary).value()
            }
        }
        return try result.get()
    }

    private func value() throws(ValueFault) -> EncodedValue? {
        var found: EncodedValue?
        guard var line = boundaryLine(at: 0) ?? nextBoundaryLine(from: 0) else {
            throw .malformedMultipart(.noBoundaryLine)
        }
        while !line.isFinal {
            guard let next = nextBoundaryLine(from: line.end) else {
                throw .malformedMultipart(.noFinalBoundary)
            }
            let part = MultipartPart(body.slice(line.end..<next.start))
            if let content = try part.content(ofFieldNamed: "val") {
                guard found == nil else { throw .valueRepeated }
                found = EncodedValue(verbatim: content)
            }
            line = next
        }
        return found
    }

    private struct BoundaryLine {
        /// The offset of the CRLF before it, which belongs to it; 0 where it begins the body.
        var start: Int
        /// The offset behind its own CRLF.
        var end: Int
        var isFinal: Bool
    }

    /// Returns the first boundary line whose CRLF stands at or after `offset`.
    private func nextBoundaryLine(from offset: Int) -> BoundaryLine? {
        var offset = ByteScan.firstOffset(of: Self.carriageReturn, in: body, from: offset)
        while offset &+ 1 < body.count {
            if body[offset &+ 1] == Self.lineFeed, var line = boundaryLine(at: offset &+ 2) {
                line.start = offset
                return line
            }
            offset = ByteScan.firstOffset(of: Self.carriageReturn, in: body, from: offset &+ 1)
        }
        return nil
    }

    /// Returns the boundary line whose hyphens begin at `start`, or nil if there is none.
    private func boundaryLine(at start: Int) -> BoundaryLine? {
        guard ByteScan.matches(body, at: start, dashBoundary) else { return nil }
        var offset = start &+ dashBoundary.count
        let isFinal =
            offset &+ 1 < body.count && body[offset] == Self.hyphen
            && body[offset &+ 1] == Self.hyphen
        if isFinal { offset &+= 2 }
        while offset < body.count && body[offset].isHTTPWhitespace { offset &+= 1 }
        if isFinal && offset == body.count {
            return BoundaryLine(start: start, end: offset, isFinal: true)
        }
        guard offset &+ 1 < body.count, body[offset] == Self.carriageReturn,
            body[offset &+ 1] == Self.lineFeed
        else { return nil }
        return BoundaryLine(start: start, end: offset &+ 2, isFinal: isFinal)
    }
}
