/// A reply, with what the contract says something about.
package struct ContractReply: Sendable {
    package struct Field: Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    package let status: Int
    package let fields: [Field]
    /// Without any transfer coding.
    package let body: [UInt8]

    package init(status: Int, fields: [Field], body: [UInt8]) {
        (self.status, self.fields, self.body) = (status, fields, body)
    }

    /// The value of a field, whatever the case of its name; several are joined by `, `.
    package subscript(name: String) -> String? {
        let values = fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

extension ContractReply {
    /// Why bytes are no reply.
    package enum Fault: Error {
        /// There is more to come.
        case incomplete
        case malformed
    }

    /// Reads all that has come on a connection, leniently: it may be of any implementation.
    ///
    /// - Parameters:
    ///   - bytes: From the first byte of the reply on.
    ///   - isToHead: Whether it answers HEAD, so that no body follows.
    ///   - isEnd: Whether the connection has ended, and nothing more will come.
    package init(
        reading bytes: [UInt8],
        isToHead: Bool,
        isEnd: Bool
    ) throws(Fault) {
        guard let end = Self.headEnd(in: bytes) else {
            throw isEnd || bytes.count > 1 << 20 ? .malformed : .incomplete
        }
        let head = String(decoding: bytes[..<end.line], as: UTF8.self)
        let lines = head.split(whereSeparator: \.isNewline)
        let words = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw .malformed
        }
        let fields = lines.dropFirst().map(Self.field)
        let rest = bytes[end.body...]
        if status < 200, status != 101 {
            // An interim reply: the one that counts is still to come.
            self = try Self(reading: Array(rest), isToHead: isToHead, isEnd: isEnd)
            return
        }
        let bare = ContractReply(status: status, fields: fields, body: [])
        let hasBody = !isToHead && status != 204 && status != 304
        let body = hasBody ? try bare.body(in: rest, isEnd: isEnd) : []
        self.init(status: status, fields: fields, body: body)
    }

    /// Where the head ends: behind its last line, and where the body begins.
    private static func headEnd(in bytes: [UInt8]) -> (line: Int, body: Int)? {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count >= end.count else { return nil }
        for index in 0...(bytes.count - end.count)
        where bytes[index] == end[0] && bytes[index..<index + 4].elementsEqual(end) {
            return (index, index + 4)
        }
        return nil
    }

    private static func field(_ line: Substring) -> Field {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? parts[1] : ""
        return Field(name: String(parts[0]), value: value.trimmed)
    }

    private func body(in rest: ArraySlice<UInt8>, isEnd: Bool) throws(Fault) -> [UInt8] {
        if self["Transfer-Encoding"]?.lowercased() == "chunked" {
            return try Self.chunks(in: rest, isEnd: isEnd)
        }
        if let length = self["Content-Length"] {
            guard let count = Int(length), count >= 0 else { throw .malformed }
            guard rest.count >= count else { throw isEnd ? .malformed : .incomplete }
            return Array(rest.prefix(count))
        }
        guard isEnd else { throw .incomplete }
        return Array(rest)
    }

    private static func chunks(
        in bytes: ArraySlice<UInt8>,
        isEnd: Bool
    ) throws(Fault) -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes
        while true {
            guard let lineEnd = rest.firstIndex(of: 0x0A) else {
                throw isEnd ? .malformed : .incomplete
            }
            let line = String(decoding: rest[..<lineEnd], as: UTF8.self)[...].trimmed
            guard let count = Int(line.prefix { $0 != ";" }, radix: 16), count >= 0 else {
                throw .malformed
            }
            rest = rest[(lineEnd + 1)...]
            if count == 0 { return body }
            guard rest.count >= count + 2 else { throw isEnd ? .malformed : .incomplete }
            body += rest.prefix(count)
            rest = rest.dropFirst(count + 2)
        }
    }
}

extension Substring {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        let end = start.lastIndex { !$0.isWhitespace }
        return end.map { String(start[...$0]) } ?? ""
    }
}
