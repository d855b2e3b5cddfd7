import Testing

/// The ways to send a value.
enum BodyForm: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case form
    case multipart
    case json
    case raw

    var contentType: String {
        switch self {
        case .form: "application/x-www-form-urlencoded"
        case .multipart: Form.multipartType
        case .json: "application/json"
        case .raw: "application/octet-stream"
        }
    }

    /// The body that carries `value`; as JSON, `value` is ASCII.
    func body(of value: [UInt8]) -> [UInt8] {
        switch self {
        case .form: Form.urlEncoded([("val", value)])
        case .multipart: Form.multipart([("val", value)])
        case .json: Array(#"{"val":""#.utf8) + jsonEscaped(value) + Array("\"}".utf8)
        case .raw: value
        }
    }

    var testDescription: String { rawValue }

    private func jsonEscaped(_ ascii: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var escaped: [UInt8] = []
        escaped.reserveCapacity(ascii.count)
        for byte in ascii {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                escaped += [UInt8(ascii: "\\"), byte]
            case ..<0x20:
                escaped += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default:
                escaped.append(byte)
            }
        }
        return escaped
    }
}
