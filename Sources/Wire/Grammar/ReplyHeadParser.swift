import Glibc

/// Reads the head of another server's reply, as strictly as ``HeadParser`` reads those of requests.
///
/// What comes from the main's address may come from something that is no main. Whatever is malformed, or
/// leaves open where the reply ends, is no reply. Interim replies (RFC 9110 §15.2) are skipped. The
/// parser resumes where it stopped.
struct ReplyHeadParser {
    /// What a head may have, the interim ones in front of it included, in bytes.
    static let maximumHeadBytes = 16_384
    /// What is no reply.
    struct Malformed: Error {}

    private let isReplyToHead: Bool
    private var position = 0
    /// Up to where no line feed stands behind `position`.
    private var searched = 0
    private var hasStatusLine = false
    private var isInterim = false
    private var isVersion11 = false
    private var lengths = 0
    private var codings = 0
    private var types = 0
    private var connectionClose = false
    /// What the head says: all of it once ``parse(_:)`` has found the end.
    private(set) var head = ReplyHead()

    /// - Parameter isReplyToHead: Whether the request was a HEAD: its reply has no body.
    init(isReplyToHead: Bool) {
        self.isReplyToHead = isReplyToHead
    }

    /// Looks at the head at the beginning of `bytes`, which grow from call to call.
    ///
    /// - Returns: Where the head ends; nil where that has not come yet.
    mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(Malformed) -> Int? {
        while true {
            let lineStart = position
            if hasStatusLine, searched <= position, let field = FieldLine(at: position, in: bytes) {
                position = field.range.upperBound
                guard position <= Self.maximumHeadBytes else { throw Malformed() }
                try take(field, of: bytes)
                continue
            }
            guard let lineFeed = bytes.indexOfLineFeed(from: max(position, searched)) else { break }
            position = lineFeed + 1
            guard position <= Self.maximumHeadBytes, lineFeed > lineStart,
                bytes[lineFeed - 1] == UInt8(ascii: "\r")
            else { throw Malformed() }
            let line = lineStart..<(lineFeed - 1)
            if !hasStatusLine {
                try parseStatusLine(line, of: bytes)
                hasStatusLine = true
                head.fields = position..<position
            } else if !line.isEmpty {
                guard let field = FieldLine(line, of: bytes) else { throw Malformed() }
                try take(field, of: bytes)
            } else if isInterim {
                self = Self(after: self)
            } else {
                try finish()
                return position
            }
        }
        searched = bytes.count
        if bytes.count > Self.maximumHeadBytes { throw Malformed() }
        return nil
    }

    /// For the head behind an interim one.
    private init(after interim: Self) {
        isReplyToHead = interim.isReplyToHead
        position = interim.position
    }

    /// `HTTP/1.1 200 OK` (RFC 9112 §4).
    private mutating func parseStatusLine(
        _ range: Range<Int>,
        of bytes: UnsafeRawBufferPointer
    ) throws(Malformed) {
        let line = bytes.slice(range)
        guard line.count >= 12, line.slice(0..<7).equals("HTTP/1."), line[8] == UInt8(ascii: " "),
            line[7] == UInt8(ascii: "1") || line[7] == UInt8(ascii: "0")
        else { throw Malformed() }
        var status = 0
        for byte in line.slice(9..<12) {
            guard byte.isDigit else { throw Malformed() }
            status = status * 10 + Int(byte - UInt8(ascii: "0"))
        }
        // The space in front of the reason may be missing where that is empty: many leave it out.
        let reason = min(13, line.count)..<line.count
        guard line.count == 12 || line[12] == UInt8(ascii: " "),
            line.slice(reason).isFieldValue, (100..<600).contains(status),
            // Nobody has asked for another protocol.
            status != 101
        else { throw Malformed() }
        isVersion11 = line[7] == UInt8(ascii: "1")
        isInterim = status < 200
        head.status = status
        head.reason = (range.lowerBound + reason.lowerBound)..<range.upperBound
    }

    private mutating func take(
        _ line: FieldLine,
        of bytes: UnsafeRawBufferPointer
    ) throws(Malformed) {
        head.fields = head.fields.lowerBound..<line.range.upperBound
        let name = line.name(in: bytes)
        switch name.count {
        case 4 where head.date.isEmpty && name.equalsIgnoringCase("date"):
            head.date = (line.colon + 1)..<line.end
        case 10 where name.equalsIgnoringCase("connection"):
            for option in ListMembers(line.value(in: bytes)) {
                head.omitted.note(connectionOption: option)
                if option.equalsIgnoringCase("close") { connectionClose = true }
            }
        case 10 where name.equalsIgnoringCase("keep-alive"):
            head.keepsForSeconds =
                Self.timeout(in: line.value(in: bytes)) ?? head.keepsForSeconds
        case 12 where name.equalsIgnoringCase("content-type"):
            types += 1
            head.isOfKVS = Self.isOfKVS(line.value(in: bytes))
        case 14 where name.equalsIgnoringCase("content-length"):
            lengths += 1
            guard let length = line.value(in: bytes).decimalNumber else { throw Malformed() }
            head.announcedLength = length
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            codings += 1
            guard line.value(in: bytes).equalsIgnoringCase("chunked") else { throw Malformed() }
        default:
            break
        }
        if HopByHop.isOmittedFromReply(name) { head.omitted.note(line.range) }
    }

    private static func isOfKVS(_ value: UnsafeRawBufferPointer) -> Bool {
        let end = value.firstIndex(of: UInt8(ascii: ";")) ?? value.count
        let type = value.slice(0..<end).trimmingWhitespace
        return type.equalsIgnoringCase("application/json")
            || type.equalsIgnoringCase("application/octet-stream")
    }

    /// The member `timeout=` of a list of parameters, in seconds.
    private static func timeout(in list: UnsafeRawBufferPointer) -> Int? {
        var start = 0
        while start < list.count {
            let end = list[start...].firstIndex(of: UInt8(ascii: ",")) ?? list.count
            let member = list.slice(start..<end).trimmingWhitespace
            start = end + 1
            guard member.count > 8, member.slice(0..<8).equalsIgnoringCase("timeout=") else {
                continue
            }
            let digits = member.slice(8..<member.count)
            // More than nine digits are for ever.
            guard digits.count < 10 else { return nil }
            return digits.decimalNumber
        }
        return nil
    }

    /// The rules that need the whole head. A reply whose end is not certain is none: without a length, one
    /// that was cut looks whole.
    private mutating func finish() throws(Malformed) {
        let mayLackLength = head.status == 204 || head.status == 304
        guard types <= 1, lengths + codings == 1 || mayLackLength && lengths + codings == 0 else {
            throw Malformed()
        }
        // RFC 9112 §6.1: HTTP/1.0 has none, also where no body follows.
        guard codings == 0 || isVersion11 else { throw Malformed() }
        if isReplyToHead || mayLackLength {
            head.framing = .none
        } else if codings == 1 {
            head.framing = .chunked
        } else {
            head.framing = .length(head.announcedLength ?? 0)
        }
        if mayLackLength, types == 0 { head.isOfKVS = true }
        head.closesConnection = connectionClose || !isVersion11
    }
}
