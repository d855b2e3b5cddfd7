/// One part of a `multipart/form-data` body: its header lines, an empty line, its content.
///
/// It points into the body: it must not outlive it. Header lines that are folded (RFC 5322 §2.2.3)
/// are refused: no client in use writes them.
struct MultipartPart {
    private static let carriageReturn: UInt8 = 0x0D
    private static let lineFeed: UInt8 = 0x0A
    private static let colon: UInt8 = 0x3A

    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Returns the content if this is the part of the field `name`; else nil.
    ///
    /// - Throws: ``ValueFault/malformedMultipart(_:)``.
    /// - Complexity: linear in the size of the headers.
    func content(ofFieldNamed name: StaticString) throws(ValueFault) -> UnsafeRawBufferPointer? {
        var disposition: UnsafeRawBufferPointer?
        var isEncoded = false
        var offset = 0
        while offset < bytes.count {
            let line = try line(at: offset)
            offset &+= line.count &+ 2
            // The empty line. A part without one has no content, which RFC 2046 allows.
            if line.isEmpty { break }
            let nameEnd = line.endOfToken
            guard nameEnd > 0, nameEnd < line.count, line[nameEnd] == Self.colon else {
                throw .malformedMultipart(.malformedPartHeader)
            }
            let fieldName = line.slice(0..<nameEnd)
            let fieldValue = line.slice((nameEnd &+ 1)..<line.count).trimmingWhitespace
            if fieldName.equalsIgnoringCase("content-disposition") {
                guard disposition == nil else { throw .malformedMultipart(.malformedDisposition) }
                disposition = fieldValue
            } else if fieldName.equalsIgnoringCase("content-transfer-encoding") {
                isEncoded = isEncoded || !Self.isIdentity(fieldValue)
            }
        }
        guard let disposition else { throw .malformedMultipart(.malformedDisposition) }
        guard try Self.fieldName(in: disposition).hasValue(name) else { return nil }
        guard !isEncoded else { throw .malformedMultipart(.encodedPart) }
        return bytes.slice(offset..<bytes.count)
    }

    /// Returns the header line at `start`, without its CRLF. A CR or LF of its own is refused.
    private func line(at start: Int) throws(ValueFault) -> UnsafeRawBufferPointer {
        let end = ByteScan.firstOffset(of: Self.carriageReturn, in: bytes, from: start)
        guard end &+ 1 < bytes.count, bytes[end &+ 1] == Self.lineFeed else {
            throw .malformedMultipart(.malformedPartHeader)
        }
        let line = bytes.slice(start..<end)
        guard ByteScan.firstOffset(of: Self.lineFeed, in: line, from: 0) == line.count else {
            throw .malformedMultipart(.malformedPartHeader)
        }
        return line
    }

    /// Returns the parameter `name` of a Content-Disposition (RFC 7578 §4.2), of which there must
    /// be one.
    private static func fieldName(
        in disposition: UnsafeRawBufferPointer
    ) throws(ValueFault) -> HeaderParameters.Parameter {
        let typeEnd = disposition.endOfToken
        let type = disposition.slice(0..<typeEnd)
        guard type.equalsIgnoringCase("form-data") else {
            throw .malformedMultipart(.malformedDisposition)
        }
        var parameters = HeaderParameters(disposition, from: typeEnd)
        var found: HeaderParameters.Parameter?
        do throws(HeaderParameters.Malformed) {
            while let parameter = try parameters.next() {
                guard parameter.name.equalsIgnoringCase("name") else {
                    continue
                }
                guard found == nil else { throw HeaderParameters.Malformed() }
                found = parameter
            }
        } catch {
            throw .malformedMultipart(.malformedDisposition)
        }
        guard let found else { throw .malformedMultipart(.malformedDisposition) }
        return found
    }

    /// Whether a Content-Transfer-Encoding leaves the bytes as they are (RFC 2045 §6.2).
    private static func isIdentity(_ encoding: UnsafeRawBufferPointer) -> Bool {
        encoding.equalsIgnoringCase("7bit")
            || encoding.equalsIgnoringCase("8bit")
            || encoding.equalsIgnoringCase("binary")
    }
}
