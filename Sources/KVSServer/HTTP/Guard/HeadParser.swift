import Glibc

/// Reads the head of a request strictly, once, line by line, before evhttp sees a byte of it.
///
/// evhttp is lenient where leniency is dangerous: it takes bare LF, folded fields, NUL in values, two
/// lengths, space before a colon and unknown transfer codings. Here each of these is a ``Refusal``.
/// The parser resumes where it stopped, so that a head that comes byte by byte costs no more.
struct HeadParser {
    /// Limits of one head, in bytes; the block of all fields with the request line.
    struct Limits: Sendable {
        var headBytes = 16_384
        var targetBytes = 8_192
        var methodBytes = 32
        var fields = 128
        /// What all `Connection` fields together may name: each field of a head is looked for among
        /// them. Clients name one or two.
        var connectionOptions = 64
        /// What a forwarder accepted, the main must accept as well, whatever was added on the way. So
        /// this much more is granted behind a `Via` field, which a forwarder puts in front of the
        /// client's fields.
        ///
        /// Each hop makes `Via` longer by `1.1 kvs (`, 16 digits, `)`, and `X-Forwarded-For` by an
        /// address of up to 45 bytes (INET6_ADDRSTRLEN), each with `, `: 75 bytes. The longest way has
        /// 33 hops, as a forwarder takes what has come by 32 others: 2,475. Once there come the names of
        /// both with `: ` and CRLF (26), `Host` with a name of 253 bytes and a port (267),
        /// `Content-Length` (25), `Connection` and `Keep-Alive` (80), an `X-Request-Id` of 128 bytes
        /// (144), and a space behind the colon of each of 128 fields. That makes 3,145.
        var viaBytes = 4_096
        /// `Host`, `Via`, `X-Forwarded-For`, `Content-Length`, `Connection`, `Keep-Alive`, `X-Request-Id`,
        /// and one to spare.
        var viaFields = 8
    }

    private let limits: Limits
    private var position = 0
    private var start = 0
    private var hasRequestLine = false
    private var fieldCount = 0
    private var hostCount = 0
    private var contentLength: Int?
    private var hasTransferEncoding = false
    private var hasVia = false
    private var connectionOptionCount = 0
    private var connectionClose = false
    private var connectionKeepAlive = false
    private var head = RequestHead()
    /// Known once the request line has been read that far.
    private(set) var method: HTTPMethod?

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Looks at `bytes`, which begin where they began at the last call and may have grown.
    ///
    /// - Returns: The head and the bytes that it takes (without empty lines in front of it, which
    ///   RFC 9112 §2.2 asks us to skip); nil as long as it is incomplete.
    mutating func parse(
        _ bytes: UnsafeRawBufferPointer
    ) throws(Refusal) -> (head: RequestHead, range: Range<Int>)? {
        while let lineFeed = bytes.indexOfLineFeed(from: position) {
            let lineStart = position
            position = lineFeed + 1
            guard lineFeed > lineStart, bytes[lineFeed - 1] == UInt8(ascii: "\r") else {
                throw .bareLineFeed
            }
            let line = lineStart..<(lineFeed - 1)
            if position - start > limits.headBytes {
                try checkSize(position - start, lastLine: bytes.slice(lineStart..<position))
            }
            if !hasRequestLine {
                if line.isEmpty {
                    // RFC 9112 §2.2: an empty line before a request line is skipped.
                    start = position
                    if start > 8 { throw .malformedRequestLine }
                    continue
                }
                if line.count > maximumRequestLineBytes { throw .targetTooLong }
                try parseRequestLine(line, of: bytes)
                hasRequestLine = true
            } else if line.isEmpty {
                try finish()
                return (head, start..<position)
            } else {
                try parseField(bytes.slice(line))
            }
        }
        try checkIncomplete(bytes)
        return nil
    }

    /// Checks a head that is longer than those of clients may be, up to the end of `lastLine`, which may
    /// have been cut: a long `Via` needs the room that it is granted itself.
    private func checkSize(_ count: Int, lastLine: UnsafeRawBufferPointer) throws(Refusal) {
        let hasViaRoom = hasVia || lastLine.mayBeginVia
        guard hasViaRoom, count <= limits.headBytes + limits.viaBytes else {
            throw hasRequestLine ? .headTooLarge : .targetTooLong
        }
    }

    /// The longest method, two spaces and the version stand around the longest target. Longer lines are
    /// refused whether their end has come or not: how the bytes are cut must not matter.
    private var maximumRequestLineBytes: Int { limits.targetBytes + limits.methodBytes + 10 }

    /// What can be refused before the line's end has come: what is no HTTP at all, and what has no end.
    private func checkIncomplete(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        if bytes.count - start > limits.headBytes {
            try checkSize(bytes.count - start, lastLine: bytes.slice(position..<bytes.count))
        }
        guard !hasRequestLine, position < bytes.count else { return }
        if bytes.count - start > maximumRequestLineBytes { throw .targetTooLong }
        let first = bytes[position]
        guard first == UInt8(ascii: "\r") || CharacterClass.contains(first, .token) else {
            throw .malformedRequestLine
        }
    }

    private mutating func parseRequestLine(
        _ range: Range<Int>,
        of bytes: UnsafeRawBufferPointer
    ) throws(Refusal) {
        let space = UInt8(ascii: " ")
        guard let first = bytes[range].firstIndex(of: space),
            let second = bytes[(first + 1)..<range.upperBound].firstIndex(of: space)
        else { throw .malformedRequestLine }
        let method = bytes.slice(range.lowerBound..<first)
        let target = (first + 1)..<second
        let version = bytes.slice((second + 1)..<range.upperBound)

        guard !method.isEmpty, method.consists(of: .token) else { throw .malformedRequestLine }
        // RFC 9112 §3: 501 for a method longer than any that is implemented.
        if method.count > limits.methodBytes { throw .methodTooLong }
        head.method = HTTPMethod(token: method)
        self.method = head.method
        if version.equals("HTTP/1.0") {
            head.isVersion11 = false
        } else if !version.equals("HTTP/1.1") {
            let looksLikeVersion =
                version.count == 8 && version.slice(0..<5).equals("HTTP/")
                && version[5].isDigit && version[6] == UInt8(ascii: ".") && version[7].isDigit
            throw looksLikeVersion ? .versionNotSupported : .malformedRequestLine
        }
        if head.method == .connect { throw .connectNotImplemented }
        if target.count > limits.targetBytes { throw .targetTooLong }
        try parseTarget(target, of: bytes)
    }

    private mutating func parseTarget(
        _ range: Range<Int>,
        of bytes: UnsafeRawBufferPointer
    ) throws(Refusal) {
        let target = bytes.slice(range)
        guard let first = target.first, target.consists(of: .target) else { throw .malformedTarget }
        if first == UInt8(ascii: "/") {
            try checkPath(target)
        } else if first == UInt8(ascii: "*") {
            guard target.count == 1, head.method == .options else { throw .malformedTarget }
        } else {
            guard target.count > 7, target.slice(0..<7).equalsIgnoringCase("http://") else {
                throw .malformedTarget
            }
            let slash = UInt8(ascii: "/")
            let question = UInt8(ascii: "?")
            let path = target[7...].firstIndex { $0 == slash || $0 == question } ?? target.count
            let authority = target.slice(7..<path)
            guard !authority.isEmpty, authority[0] != UInt8(ascii: ":"), authority.isAuthority
            else { throw .malformedTarget }
            try checkPath(target.slice(path..<target.count))
            head.absoluteTarget = .init(
                start: range.lowerBound - start,
                path: range.lowerBound + path - start
            )
        }
    }

    /// `//host/path`: evhttp would take the first segment for a host.
    private func checkPath(_ path: UnsafeRawBufferPointer) throws(Refusal) {
        if path.count > 1, path.slice(0..<2).equals("//") { throw .malformedTarget }
    }

    private mutating func parseField(_ line: UnsafeRawBufferPointer) throws(Refusal) {
        fieldCount += 1
        if fieldCount > limits.fields + (hasVia ? limits.viaFields : 0) { throw .tooManyFields }
        if line[0].isHTTPWhitespace { throw .foldedField }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else {
            throw .malformedField
        }
        let name = line.slice(0..<colon)
        let rest = line.slice((colon + 1)..<line.count)
        guard name.consists(of: .token), rest.isFieldValue else {
            throw .malformedField
        }
        if rest.hasLeadingTab { head.hasLeadingTabs = true }
        // The lengths of the names that matter: most fields end here.
        switch name.count {
        case 3 where name.equalsIgnoringCase("via"):
            hasVia = true
        case 4 where name.equalsIgnoringCase("host"):
            hostCount += 1
            if !rest.trimmingWhitespace.isAuthority { throw .malformedHost }
        case 6 where name.equalsIgnoringCase("expect"):
            guard rest.trimmingWhitespace.equalsIgnoringCase("100-continue") else {
                throw .expectationFailed
            }
            head.expectsContinue = true
        case 10 where name.equalsIgnoringCase("connection"):
            try parseConnection(rest)
        case 10 where name.equalsIgnoringCase("keep-alive"):
            head.asksForTimeout = true
        case 14 where name.equalsIgnoringCase("content-length"):
            try parseContentLength(rest.trimmingWhitespace)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            if hasTransferEncoding { throw .repeatedTransferEncoding }
            hasTransferEncoding = true
            guard rest.trimmingWhitespace.equalsIgnoringCase("chunked") else {
                throw .unknownTransferCoding
            }
        default:
            break
        }
    }

    private mutating func parseConnection(_ value: UnsafeRawBufferPointer) throws(Refusal) {
        for option in ListMembers(value) {
            connectionOptionCount += 1
            if connectionOptionCount > limits.connectionOptions {
                throw .tooManyConnectionOptions
            }
            if option.equalsIgnoringCase("close") {
                connectionClose = true
            } else if option.equalsIgnoringCase("keep-alive") {
                connectionKeepAlive = true
            }
        }
    }

    private mutating func parseContentLength(_ value: UnsafeRawBufferPointer) throws(Refusal) {
        // 18 digits always fit an Int.
        guard contentLength == nil, !value.isEmpty, value.count <= 18 else {
            throw .malformedContentLength
        }
        var length = 0
        for byte in value {
            guard byte.isDigit else { throw .malformedContentLength }
            length = length * 10 + Int(byte - UInt8(ascii: "0"))
        }
        contentLength = length
    }

    /// The rules that need the whole head.
    private mutating func finish() throws(Refusal) {
        // RFC 9112 §3.2.
        guard hostCount == 1 || (hostCount == 0 && !head.isVersion11) else { throw .hostNotUnique }
        if hasTransferEncoding {
            // RFC 9112 §6.1: both is either an attack or a broken sender.
            if contentLength != nil { throw .conflictingFraming }
            if !head.isVersion11 { throw .transferEncodingInOldVersion }
            head.framing = .chunked
        } else if let contentLength, contentLength > 0 {
            head.framing = .length(contentLength)
        }
        // RFC 9110 §10.1.1: HTTP/1.0 has no interim replies, and who announces no body waits for none. A body
        // of 0 bytes is waited with like any other.
        if !head.isVersion11 || (contentLength == nil && !hasTransferEncoding) {
            head.expectsContinue = false
        }
        head.closesConnection =
            connectionClose || (!head.isVersion11 && !connectionKeepAlive)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a line that begins like this is, or may yet become, a `Via` field.
    fileprivate var mayBeginVia: Bool {
        let start: StaticString = "via:"
        for index in 0..<Swift.min(count, 4)
        where self[index].asciiLowercased != start.utf8Start[index] {
            return false
        }
        return true
    }

    /// The first line feed at or after `position`.
    func indexOfLineFeed(from position: Int) -> Int? {
        guard position < count, let start = baseAddress,
            let found = memchr(start + position, 0x0A, count - position)
        else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
