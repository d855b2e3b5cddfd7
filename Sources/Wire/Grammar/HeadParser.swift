import Glibc

/// Reads the head of a request strictly, once, line by line, in evhttp's place.
///
/// evhttp is lenient where leniency is dangerous: it takes bare LF, folded fields, NUL in values, two
/// lengths, space before a colon and unknown transfer codings. Here each of these is a ``Refusal``.
/// The parser resumes where it stopped, so that a head that comes byte by byte costs no more.
@usableFromInline
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

    let limits: Limits
    private var position = 0
    /// Up to where no line feed stands behind `position`.
    private var searched = 0
    /// Where the request line begins, behind empty lines.
    private(set) var start = 0
    private var hasRequestLine = false
    var fieldCount = 0
    var hostCount = 0
    var contentLength: Int?
    var hasTransferEncoding = false
    var connectionOptionCount = 0
    var connectionClose = false
    var connectionKeepAlive = false
    /// What the head says: all of it once ``parse(_:)`` has found the end.
    @usableFromInline var head = RequestHead()
    /// Known once the request line has been read that far.
    @usableFromInline var method: HTTPMethod?

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Makes ready for the next head.
    mutating func reset() {
        position = 0
        searched = 0
        start = 0
        hasRequestLine = false
        fieldCount = 0
        hostCount = 0
        contentLength = nil
        hasTransferEncoding = false
        connectionOptionCount = 0
        connectionClose = false
        connectionKeepAlive = false
        head = RequestHead()
        method = nil
    }

    /// Looks at `bytes`, which begin where they began at the last call and may have grown.
    ///
    /// - Returns: The bytes that the head takes (without empty lines in front of it, which RFC 9112 §2.2
    ///   asks us to skip); nil as long as it is incomplete.
    mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(Refusal) -> Range<Int>? {
        while true {
            let lineStart = position
            // Most lines are fields with nothing unusual in them. A line that has been looked at before
            // is not begun again: its end is waited for.
            if hasRequestLine, searched <= position, let field = FieldLine(at: position, in: bytes)
            {
                position = field.range.upperBound
                if position - start > limits.headBytes {
                    try checkSize(position - start, lastLine: bytes.slice(lineStart..<position))
                }
                try countField()
                try take(field, of: bytes)
                continue
            }
            guard let lineFeed = bytes.indexOfLineFeed(from: max(position, searched)) else { break }
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
                head.fields = (position - start)..<(position - start)
            } else if line.isEmpty {
                head.fields = head.fields.lowerBound..<(lineStart - start)
                try finish()
                return start..<position
            } else {
                try countField()
                if bytes[lineStart].isHTTPWhitespace { throw .foldedField }
                guard let field = FieldLine(line, of: bytes) else { throw .malformedField }
                try take(field, of: bytes)
            }
        }
        searched = bytes.count
        try checkIncomplete(bytes)
        return nil
    }

    /// Checks a head that is longer than those of clients may be, up to the end of `lastLine`, which may
    /// have been cut: a long `Via` needs the room that it is granted itself.
    private func checkSize(_ count: Int, lastLine: UnsafeRawBufferPointer) throws(Refusal) {
        let hasViaRoom = head.known.contains(.via) || lastLine.mayBeginVia
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
    package func indexOfLineFeed(from position: Int) -> Int? {
        guard position < count, let start = baseAddress,
            let found = memchr(start + position, 0x0A, count - position)
        else { return nil }
        return UnsafeRawPointer(found) - start
    }
}
