/// Reads a reply part by part as it comes, leniently: it may be of any implementation. No byte is looked at
/// twice, and what comes without end is given up.
package struct ContractReplyReader {
    /// Why bytes are no reply.
    package enum Fault: Error {
        case malformed
        /// It is longer than ``maximumBytes``, or its heads than ``maximumHeadBytes``.
        case tooLong
    }

    /// The most of one reply, with its heads and what a transfer coding adds.
    package static let maximumBytes = 16 << 20
    /// The most of all its heads: the interim ones come in front of the one that counts.
    package static let maximumHeadBytes = 64 << 10

    private enum Place {
        case head
        /// In a body of so many bytes.
        case length(Int)
        case chunkLine
        /// In a chunk with so many bytes, and the line end behind them.
        case chunk(Int)
        /// In a body that ends with the connection.
        case untilEnd
    }

    private let isToHead: Bool
    private var place = Place.head
    /// What has come and is not taken yet.
    private var bytes: [UInt8] = []
    /// How many of ``bytes`` were searched for an end that is not there yet.
    private var searched = 0
    private var headBytes = 0
    private var allBytes = 0
    private var head = ContractReply(status: 0, fields: [], body: [])
    private var body: [UInt8] = []

    /// - Parameter isToHead: Whether it answers HEAD, so that no body follows.
    package init(isToHead: Bool) { self.isToHead = isToHead }

    /// Takes the next bytes.
    ///
    /// - Parameter isEnd: Whether the connection has ended, and nothing more will come.
    /// - Returns: The reply; nil while there is more to come.
    package mutating func read(
        _ part: some Sequence<UInt8>,
        isEnd: Bool
    ) throws(Fault) -> ContractReply? {
        let before = bytes.count
        bytes += part
        allBytes += bytes.count - before
        guard allBytes <= Self.maximumBytes else { throw .tooLong }
        var taken = 0
        var isWhole = false
        while !isWhole, let end = try step(from: taken, isEnd, &isWhole) { taken = end }
        if isWhole { return ContractReply(status: head.status, fields: head.fields, body: body) }
        if isEnd { throw .malformed }
        bytes.removeFirst(taken)
        searched = max(0, searched - taken)
        return nil
    }

    /// Takes what begins at `start`.
    ///
    /// - Returns: Where that ends; nil where it is not there as a whole.
    private mutating func step(
        from start: Int,
        _ isEnd: Bool,
        _ isWhole: inout Bool
    ) throws(Fault) -> Int? {
        switch place {
        case .head:
            let end = find([0x0D, 0x0A, 0x0D, 0x0A], from: start)
            guard headBytes + (end ?? bytes.count) - start <= Self.maximumHeadBytes else {
                throw .tooLong
            }
            guard let end else { return nil }
            headBytes += end - start
            head = try Self.head(bytes[start..<end])
            // Behind an interim reply the one that counts is still to come.
            if head.status >= 200 || head.status == 101 { isWhole = try beginBody() }
            return end
        case .length(let count):
            guard bytes.count - start >= count else { return nil }
            body = Array(bytes[start..<start + count])
            isWhole = true
            return start + count
        case .untilEnd:
            guard isEnd else { return nil }
            body = Array(bytes[start...])
            isWhole = true
            return bytes.count
        case .chunkLine:
            guard let end = find([0x0A], from: start) else { return nil }
            let line = String(decoding: bytes[start..<end], as: UTF8.self)[...].trimmed
            let digits = line.prefix { $0 != ";" }
            guard digits.allSatisfy(\.isHexDigit), let count = Int(digits, radix: 16) else {
                throw .malformed
            }
            guard count <= Self.maximumBytes else { throw .tooLong }
            place = .chunk(count)
            isWhole = count == 0
            return end
        case .chunk(let count):
            guard bytes.count - start >= count + 2 else { return nil }
            body += bytes[start..<start + count]
            place = .chunkLine
            return start + count + 2
        }
    }

    /// The place behind the first `pattern` from `start` on.
    private mutating func find(_ pattern: [UInt8], from start: Int) -> Int? {
        var index = max(start, searched)
        while index + pattern.count <= bytes.count {
            if bytes[index] == pattern[0],
                bytes[index..<index + pattern.count].elementsEqual(pattern)
            {
                return index + pattern.count
            }
            index += 1
        }
        searched = index
        return nil
    }

    private static func head(_ bytes: ArraySlice<UInt8>) throws(Fault) -> ContractReply {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let words = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3,
            let status = Int(words[1]), status >= 100
        else { throw .malformed }
        return ContractReply(status: status, fields: lines.dropFirst().map(field), body: [])
    }

    private static func field(_ line: Substring) -> ContractReply.Field {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count > 1 ? parts[1] : ""
        return ContractReply.Field(name: String(parts[0]), value: value.trimmed)
    }

    /// - Returns: Whether there is no body.
    private mutating func beginBody() throws(Fault) -> Bool {
        if isToHead || head.status == 204 || head.status == 304 { return true }
        if head["Transfer-Encoding"]?.lowercased() == "chunked" {
            place = .chunkLine
        } else if let length = head["Content-Length"] {
            guard !length.isEmpty, length.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else {
                throw .malformed
            }
            // More digits than a number holds are of a number that is too large.
            guard let count = Int(length), count <= Self.maximumBytes else { throw .tooLong }
            place = .length(count)
        } else {
            place = .untilEnd
        }
        return false
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
