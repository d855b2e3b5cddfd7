/// Bodies as HTTP clients write them.
enum Form {
    /// `application/x-www-form-urlencoded`: unreserved characters as they are, the rest as `%XX`.
    static func urlEncoded(_ fields: [(name: String, value: [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        for (index, field) in fields.enumerated() {
            if index > 0 { body.append(UInt8(ascii: "&")) }
            body += percentEncoded(Array(field.name.utf8))
            body.append(UInt8(ascii: "="))
            body += percentEncoded(field.value)
        }
        return body
    }

    /// `multipart/form-data` as curl's `-F` writes it.
    static func multipart(
        _ fields: [(name: String, value: [UInt8])],
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

    static let multipartBoundary = "------------------------d74496d66958873e"
    static let multipartType = "multipart/form-data; boundary=\(multipartBoundary)"

    static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return encoded
    }
}
