import Foundation

/// One response as it came over the wire.
struct WireResponse: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        let name: String
        let value: String
    }

    /// `HTTP/1.1`
    let version: String
    let status: Int
    let reason: String
    /// In the order of arrival, names as sent.
    let headers: [Field]
    /// Without any transfer coding.
    var body: [UInt8] = []

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the header `name` in any case; values of several are joined by `, `.
    subscript(header name: String) -> String? {
        let values = headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Whether the server says that it closes the connection after this response.
    var isLast: Bool {
        let options = self[header: "Connection"]?.lowercased() ?? ""
        return version == "HTTP/1.0" ? !options.contains("keep-alive") : options.contains("close")
    }

    /// The body as JSON.
    func json() throws -> ReplyBody {
        try JSONDecoder().decode(ReplyBody.self, from: Data(body))
    }
}

/// The fields that a reply of the service may have.
struct ReplyBody: Decodable, Equatable {
    var msg: String
    var replaced: Int?
    var value: String?
    var encoding: String?
    var error: String?

    /// The value's bytes, decoded where `encoding` says base64.
    var valueBytes: [UInt8]? {
        guard let value else { return nil }
        return encoding == "base64"
            ? Data(base64Encoded: value).map { [UInt8]($0) } : Array(value.utf8)
    }
}

extension WireResponse {
    /// Reads a status line and header fields, strictly as RFC 9112 has them.
    ///
    /// - Parameter head: The lines, each ended by CRLF, without the empty line that ends them.
    init(parsingHead head: some Sequence<UInt8>) throws(WireError) {
        let lines = String(decoding: Array(head), as: UTF8.self).components(separatedBy: "\r\n")
        guard let match = lines[0].wholeMatch(of: /(HTTP\/1\.[01]) ([0-9]{3}) (.*)/),
            let status = Int(match.2)
        else { throw WireError.malformed("status line \(lines[0].debugDescription)") }
        version = String(match.1)
        self.status = status
        reason = String(match.3)
        var headers: [Field] = []
        for line in lines.dropFirst() {
            guard let field = line.wholeMatch(of: /([!-9;-~]+):[ \t]*(.*?)[ \t]*/) else {
                throw WireError.malformed("header line \(line.debugDescription)")
            }
            headers.append(Field(name: String(field.1), value: String(field.2)))
        }
        self.headers = headers
    }
}
