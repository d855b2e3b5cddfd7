/// Why a request's body has no value that could be found.
package enum ValueFault: Error, Equatable, Sendable {
    /// There is more than one field named `val`.
    case valueRepeated
    /// The `val` field of a form has a `%` without two hexadecimal digits, at this offset of the
    /// body.
    case malformedForm(offset: Int)
    case malformedMultipart(MultipartFault)
    /// The body is not a JSON object: what is wrong, and at which offset of the body.
    case malformedJSON(JSONFault, offset: Int)
    case jsonValueIsNotString
}

/// What is wrong with a multipart body.
package enum MultipartFault: CaseIterable, Sendable {
    case noUsableBoundary
    case noBoundaryLine
    case noFinalBoundary
    case malformedPartHeader
    case malformedDisposition
    case encodedPart
}

/// What is wrong with a JSON body.
package enum JSONFault: CaseIterable, Sendable {
    case notAnObject
    case unexpectedEnd
    case unexpectedByte
    case trailingBytes
    case nestedTooDeeply
    case badEscape
    case loneSurrogate
    case rawControl
    case badUTF8
    case badNumber
}
