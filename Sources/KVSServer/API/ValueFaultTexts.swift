package import Wire

extension MultipartFault {
    /// What is wrong, as the end of a sentence.
    var text: String {
        switch self {
        case .noUsableBoundary: "the Content-Type has no usable boundary parameter"
        case .noBoundaryLine: "no boundary line was found"
        case .noFinalBoundary: "the final boundary line is missing"
        case .malformedPartHeader: "a part has a malformed header"
        case .malformedDisposition: "a part needs one Content-Disposition: form-data; name=..."
        case .encodedPart:
            "the part has a Content-Transfer-Encoding other than 7bit, 8bit or binary"
        }
    }
}

extension JSONFault {
    /// What is wrong, as the end of a sentence.
    package var text: String {
        switch self {
        case .notAnObject: "it must be an object"
        case .unexpectedEnd: "it ends too early"
        case .unexpectedByte: "this does not belong here"
        case .trailingBytes: "the object has ended"
        case .nestedTooDeeply: "it is nested more than 512 deep"
        case .badEscape: "a string has a bad escape"
        case .loneSurrogate: "a string has half a surrogate pair"
        case .rawControl: "a string has a control character that is not escaped"
        case .badUTF8: "a string is not valid UTF-8"
        case .badNumber: "this is not a number"
        }
    }
}
