import ContractCases
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
        case .multipart: ClientBody.multipartType
        case .json: "application/json"
        case .raw: "application/octet-stream"
        }
    }

    /// The body that carries `value`; as JSON, `value` is UTF-8.
    func body(of value: [UInt8]) -> [UInt8] {
        switch self {
        case .form: ClientBody.urlEncoded([("val", value)])
        case .multipart: ClientBody.multipart([("val", value)])
        case .json: Array(#"{"val":""#.utf8) + ClientBody.jsonEncoded(value) + Array("\"}".utf8)
        case .raw: value
        }
    }

    var testDescription: String { rawValue }
}
