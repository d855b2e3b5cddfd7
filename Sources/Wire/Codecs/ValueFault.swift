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
package enum MultipartFault: String, CaseIterable, Sendable {
    case noUsableBoundary = "the Content-Type has no usable boundary parameter"
    case noBoundaryLine = "no boundary line was found"
    case noFinalBoundary = "the final boundary line is missing"
    case malformedPartHeader = "a part has a malformed header"
    case malformedDisposition = "a part needs one Content-Disposition: form-data; name=..."
    case encodedPart =
        "the part has a Content-Transfer-Encoding other than 7bit, 8bit or binary"
}

/// What is wrong with a JSON body.
package enum JSONFault: String, CaseIterable, Sendable {
    case notAnObject = "it must be an object"
    case unexpectedEnd = "it ends too early"
    case unexpectedByte = "this does not belong here"
    case trailingBytes = "the object has ended"
    case nestedTooDeeply = "it is nested more than 512 deep"
    case badEscape = "a string has a bad escape"
    case loneSurrogate = "a string has half a surrogate pair"
    case rawControl = "a string has a control character that is not escaped"
    case badUTF8 = "a string is not valid UTF-8"
    case badNumber = "this is not a number"
}
