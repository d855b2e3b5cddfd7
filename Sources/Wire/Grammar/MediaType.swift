/// What a Content-Type says of a body, as far as it matters here.
///
/// Type and subtype decide. Parameters are not looked at, malformed or not, but for those of a
/// multipart: treating `application/x-www-form-urlencoded; charset` as unknown would silently store
/// `val=` with the value.
enum MediaType: Equatable {
    /// `application/x-www-form-urlencoded`, and a Content-Type with no text in it.
    case form
    /// `multipart/form-data`, with its boundary; nil where that is missing, repeated or impossible.
    case multipart(boundary: [UInt8]?)
    /// `application/json`. Not `application/anything+json`: those are formats of their own, and
    /// their documents are stored as they come.
    case json
    /// Any other type, and what is no media type at all.
    case other

    /// Parses the value of a Content-Type header (RFC 9110 §8.3.1) in linear time. Only a multipart
    /// allocates.
    init(_ header: UnsafeRawBufferPointer) {
        // Word for word what curl and most libraries send: no need to take it apart.
        if header.equalsIgnoringCase(Self.formType) {
            self = .form
            return
        }
        let type = header.trimmingWhitespace
        if type.isEmpty {
            self = .form
            return
        }
        var end = type.endOfToken
        if end < type.count && type[end] == UInt8(ascii: "/") {
            end &+= 1
            end &+= type.slice(end..<type.count).endOfToken
        }
        guard end == type.count || Self.isBehindSubtype(type[end]) else {
            self = .other
            return
        }
        let essence = type.slice(0..<end)
        if essence.equalsIgnoringCase(Self.formType) {
            self = .form
        } else if essence.equalsIgnoringCase("application/json") {
            self = .json
        } else if essence.equalsIgnoringCase("multipart/form-data") {
            self = .multipart(boundary: Self.boundary(in: HeaderParameters(type, from: end)))
        } else {
            self = .other
        }
    }

    private static let formType: StaticString = "application/x-www-form-urlencoded"

    private static func isBehindSubtype(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ";") || byte.isHTTPWhitespace
    }

    /// Returns the one boundary there is: 1 to 70 visible characters, with spaces between them
    /// (RFC 2046 §5.1.1, which allows fewer of the characters that are visible).
    ///
    /// Two boundaries are refused, not chosen between: another reader might choose the other.
    private static func boundary(in parameters: HeaderParameters) -> [UInt8]? {
        var parameters = parameters
        var found: HeaderParameters.Parameter?
        do {
            while let parameter = try parameters.next() {
                guard parameter.name.equalsIgnoringCase("boundary") else { continue }
                guard found == nil else { return nil }
                found = parameter
            }
        } catch {
            return nil
        }
        guard let found, 1...70 ~= found.unquotedCount else { return nil }
        var boundary: [UInt8] = []
        boundary.reserveCapacity(found.unquotedCount)
        var iterator = HeaderParameters.Parameter.UnquotedIterator(found)
        while let byte = iterator.next() { boundary.append(byte) }
        guard boundary.allSatisfy({ 0x20...0x7E ~= $0 }), boundary.last != 0x20 else { return nil }
        return boundary
    }
}
