/// All bytes that a server sent on one connection, until it closed.
struct Transcript: Hashable {
    let bytes: [UInt8]

    /// Leaves dates and ids out, so that equal answers at different times are equal.
    init(_ bytes: [UInt8]) {
        self.bytes = Self.omitted.reduce(bytes) { bytes, field in
            var rest = bytes[...]
            var kept: [UInt8] = []
            kept.reserveCapacity(bytes.count)
            while let start = rest.firstRange(of: field)?.upperBound {
                kept += rest[..<start]
                rest = rest[start...].drop { $0 != UInt8(ascii: "\r") }
            }
            return kept + rest
        }
    }

    /// The responses, interim ones left out.
    ///
    /// - Parameter headIndex: Which of them answers a HEAD request, and so has no body.
    /// - Throws: `WireError` where the bytes are anything but whole responses with a length.
    func responses(headIndex: Int?) throws -> [WireResponse] {
        var responses: [WireResponse] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let headEnd = rest.firstRange(of: Self.emptyLine) else {
                throw WireError.malformed("no whole head in \(Self.quoted(rest))")
            }
            var response = try WireResponse(parsingHead: rest[..<headEnd.lowerBound])
            rest = rest[headEnd.upperBound...]
            if response.status == 100 { continue }
            if [204, 304].contains(response.status), response[header: "Content-Length"] == nil {
                responses.append(response)
                continue
            }
            guard let length = response[header: "Content-Length"].flatMap({ Int($0) }) else {
                throw WireError.malformed("no length in \(response)")
            }
            if responses.count != headIndex {
                guard rest.count >= length else {
                    throw WireError.malformed("half a body in \(response)")
                }
                response.body = Array(rest.prefix(length))
                rest = rest.dropFirst(length)
            }
            responses.append(response)
        }
        return responses
    }

    private static let omitted = ["\r\nDate: ", "\r\nX-Request-Id: "].map { Array($0.utf8) }
    private static let emptyLine = Array("\r\n\r\n".utf8)

    private static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix(200), as: UTF8.self).debugDescription
    }
}
