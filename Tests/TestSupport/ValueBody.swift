import ContractCases

/// A request body that carries a value, and the Content-Type it goes with.
package struct ValueBody: Sendable {
    package var contentType: String?
    package var bytes: [UInt8]

    package init(contentType: String?, bytes: [UInt8]) {
        self.contentType = contentType
        self.bytes = bytes
    }

    /// How a value can be put into a body. Each form takes any bytes, but for those of JSON, which
    /// have to be UTF-8.
    package enum Form: String, CaseIterable, Sendable {
        case formEscaped
        case formMinimal
        case multipart
        case json
        case jsonEscaped
        case raw

        package func takes(_ value: [UInt8]) -> Bool {
            switch self {
            case .json, .jsonEscaped: String(validating: value, as: UTF8.self) != nil
            default: true
            }
        }

        package func body(for value: [UInt8]) -> ValueBody {
            switch self {
            case .formEscaped: .formEscaped(value)
            case .formMinimal: .formMinimal(value)
            case .multipart: .multipart(value)
            case .json: .json(value)
            case .jsonEscaped: .jsonEscaped(value)
            case .raw: ValueBody(contentType: "application/octet-stream", bytes: value)
            }
        }
    }

    /// Each byte but letters and digits as an escape; no Content-Type.
    private static func formEscaped(_ value: [UInt8]) -> ValueBody {
        let encoded = ClientBody.percentEncoded(value, digits: hex) { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: false
            default: true
            }
        }
        return ValueBody(
            contentType: nil,
            bytes: [UInt8]("a=1&val=") + encoded + [UInt8]("&b=%")
        )
    }

    /// Only what must be is escaped; spaces are `+`.
    private static func formMinimal(_ value: [UInt8]) -> ValueBody {
        var bytes = ClientBody.percentEncoded(value, digits: hex) {
            [0x25, 0x26, 0x2B].contains($0)
        }
        for index in bytes.indices where bytes[index] == 0x20 { bytes[index] = 0x2B }
        return ValueBody(
            contentType: "application/x-www-form-urlencoded",
            bytes: [UInt8]("val=") + bytes
        )
    }

    /// A boundary that a random value has no chance to hold.
    private static func multipart(_ value: [UInt8]) -> ValueBody {
        let head = """
            preamble\r\n--frontier-7d9\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r
            --frontier-7d9\r\nContent-Disposition: form-data; name="val"; filename="v"\r
            Content-Type: application/octet-stream\r\n\r\n
            """
        return ValueBody(
            contentType: "multipart/form-data; boundary=frontier-7d9",
            bytes: [UInt8](head) + value + [UInt8]("\r\n--frontier-7d9--\r\nepilogue")
        )
    }

    /// As a program would write it: only what must be is escaped.
    private static func json(_ value: [UInt8]) -> ValueBody {
        ValueBody(
            contentType: "application/json",
            bytes: [UInt8](#"{"other": [1, {"val": 2}], "val": ""#) + ClientBody.jsonEncoded(value)
                + [UInt8](#""}"#)
        )
    }

    /// Every UTF-16 unit as an escape.
    private static func jsonEscaped(_ value: [UInt8]) -> ValueBody {
        ValueBody(
            contentType: "Application/JSON; charset=utf-8",
            bytes: [UInt8](#"{"\u0076al":""#) + ClientBody.jsonEscaped(value)
                + [UInt8](#"","other":null}"#)
        )
    }

    private static let hex = [UInt8]("0123456789abcdef")
}
