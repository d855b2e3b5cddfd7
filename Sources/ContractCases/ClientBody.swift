/// Bodies as HTTP clients write them.
///
/// All is made one byte at a time: bodies are large, and tests are not optimized.
package enum ClientBody {
    package typealias Field = (name: String, value: [UInt8])

    package static let multipartBoundary = "------------------------d74496d66958873e"
    package static let multipartType = "multipart/form-data; boundary=\(multipartBoundary)"

    /// `application/x-www-form-urlencoded`: unreserved characters as they are, the rest as `%XX`.
    package static func urlEncoded(_ fields: [Field]) -> [UInt8] {
        var body: [UInt8] = []
        for (index, field) in fields.enumerated() {
            if index > 0 { body.append(UInt8(ascii: "&")) }
            body += percentEncoded(Array(field.name.utf8), where: isReserved)
            body.append(UInt8(ascii: "="))
            body += percentEncoded(field.value, where: isReserved)
        }
        return body
    }

    /// `multipart/form-data` as curl's `-F` writes it.
    package static func multipart(
        _ fields: [Field],
        boundary: String = multipartBoundary
    ) -> [UInt8] {
        var body: [UInt8] = []
        for field in fields {
            body += Array("--\(boundary)\r\n".utf8)
            body += Array("Content-Disposition: form-data; name=\"\(field.name)\"\r\n\r\n".utf8)
            body += field.value
            body += Array("\r\n".utf8)
        }
        return body + Array("--\(boundary)--\r\n".utf8)
    }

    /// `%XX` for each byte that must be escaped.
    ///
    /// - Parameter digits: The 16 digits, in capitals or not.
    package static func percentEncoded(
        _ bytes: [UInt8],
        digits: [UInt8] = Array("0123456789ABCDEF".utf8),
        where mustEscape: (UInt8) -> Bool
    ) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        for byte in bytes {
            if mustEscape(byte) {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(digits[Int(byte >> 4)])
                encoded.append(digits[Int(byte & 15)])
            } else {
                encoded.append(byte)
            }
        }
        return encoded
    }

    /// What stands in a JSON string for UTF-8: only what must be is escaped.
    package static func jsonEncoded(_ bytes: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                encoded.append(UInt8(ascii: "\\"))
                encoded.append(byte)
            case ..<0x20: appendEscape(of: UInt16(byte), to: &encoded)
            default: encoded.append(byte)
            }
        }
        return encoded
    }

    /// The same with each UTF-16 unit as an escape.
    package static func jsonEscaped(_ bytes: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        for unit in String(decoding: bytes, as: UTF8.self).utf16 {
            appendEscape(of: unit, to: &encoded)
        }
        return encoded
    }

    /// Appends `\uXXXX`.
    private static func appendEscape(of unit: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "u"))
        for shift: UInt16 in [12, 8, 4, 0] { bytes.append(digits[Int(unit >> shift & 15)]) }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func isReserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            false
        default: true
        }
    }
}
