import CLibevent
import Glibc
import Wire

/// What a reply's body is.
package enum ContentType: Int, Sendable, CaseIterable {
    case json
    case octetStream
    /// What Prometheus reads.
    case metrics
    /// There is none, as with 204.
    case none

    var line: StaticString {
        switch self {
        case .json: "\r\nContent-Type: application/json"
        case .octetStream: "\r\nContent-Type: application/octet-stream"
        case .metrics: "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8"
        case .none: ""
        }
    }

    /// What all replies of our own say: nobody shall take the body for something else, or keep it.
    static let safeguards: StaticString =
        "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store"
}

/// How a reply tells the client whether the connection goes on behind it (RFC 9112 §9.3): what its version
/// of HTTP takes for granted needs no field.
enum Persistence: Int, CaseIterable {
    case unsaid, keepAlive, close

    /// Of the cases.
    static var count: Int { close.rawValue + 1 }

    init(isVersion11: Bool, isLast: Bool) {
        self = isVersion11 == isLast ? (isLast ? .close : .keepAlive) : .unsaid
    }

    /// The line behind those of other fields.
    fileprivate var line: StaticString {
        switch self {
        case .unsaid: ""
        case .keepAlive: "\r\nConnection: keep-alive"
        case .close: "\r\nConnection: close"
        }
    }
}

/// The fields of every reply, lent to evhttp for the time of one call.
///
/// evhttp would allocate three blocks for each field, and format the date, for each reply. Here there is
/// one node, made once for each loop, which evhttp only prints: `Date`, with all others behind it (see
/// ``FieldLines``), the last of them `Content-Length`. evhttp adds a date where it finds none by name, and
/// to a reply to HEAD, for which it takes all requests (``EvhttpPeer``), nothing else. For use on the
/// loop's thread.
final class ReplyFields {
    private static let idLine: StaticString = "\r\nX-Request-Id: "
    private static let lengthLine: StaticString = "\r\nContent-Length: "
    /// What the last lines take at most, with a NUL: a number has up to 19 digits.
    private static let tailBytes =
        idLine.utf8CodeUnitCount + RequestID.maxBytes + lengthLine.utf8CodeUnitCount + 20
        + ReplyLines.maximumBytes

    private let node = UnsafeMutablePointer<evkeyval>.allocate(capacity: 1)
    /// Where a relayed reply's last lines are written.
    private let tail = UnsafeMutablePointer<CChar>.allocate(capacity: tailBytes)
    private let date = HTTPDate()
    /// The date, a content type and a persistence, by the raw values of those.
    // Safe: each is retained here and released in deinit. (An array of references would count two for
    // each reply.)
    private let dates = ContentType.allCases.flatMap { type in
        Persistence.allCases.map {
            Unmanaged.passRetained(
                HTTPDate(
                    followedBy: type.line,
                    ContentType.safeguards,
                    $0.line,
                    room: tailBytes
                )
            )
        }
    }
    // Safe: used on the loop's thread only, by nobody that is called while it is written.
    @exclusivity(unchecked) private var lines = FieldLines()

    init() {
        node.initialize(to: evkeyval())
        // Safe: evhttp only reads names; nothing is written through this pointer.
        node.pointee.key = UnsafeMutablePointer(mutating: StaticString("Date").cString)
    }

    deinit {
        node.deallocate()
        tail.deallocate()
        for date in dates { date.release() }
    }

    /// The present `Date` field's text, with its NUL.
    func dateText() -> UnsafePointer<CChar> { UnsafePointer(date.text()) }

    /// The bytes that the fields prepared last take beside the room that those of our own replies have.
    private(set) var preparedBytes = 0

    /// Prepares a reply of our own.
    ///
    /// - Parameters:
    ///   - id: Of the request, of at most ``RequestID/maxBytes``.
    ///   - length: nil where nobody knows it: of a reply without a body to a HEAD.
    func prepare(
        _ contentType: ContentType,
        _ persistence: Persistence,
        id: UnsafeRawBufferPointer,
        length: Int?,
        lines: (inout ReplyLines) -> Void = { _ in }
    ) {
        preparedBytes = 0
        let place = contentType.rawValue * Persistence.count + persistence.rawValue
        node.pointee.value = dates[place]._withUnsafeGuaranteedRef { date in
            let text = date.text()
            let end = Self.writeTail(id, length, lines, to: text + date.textCount)
            end.pointee = 0
            return text
        }
    }

    /// Prepares another server's reply: its end-to-end fields, and `Date` where it has none.
    ///
    /// - Returns: False where there is no memory for them.
    func prepare(
        relaying reply: HTTPClientReply,
        _ persistence: Persistence,
        id: UnsafeRawBufferPointer,
        length: Int?
    ) -> Bool {
        lines.removeAll()
        let date = UnsafeRawBufferPointer(start: date.text(), count: HTTPDate.count)
        reply.writeFields(to: &lines, date: date)
        lines.write(persistence.line)
        let end = Self.writeTail(id, length, { _ in }, to: tail)
        lines.write(UnsafeRawBufferPointer(start: tail, count: end - tail))
        guard let text = lines.cString() else { return false }
        preparedBytes = lines.bytes.count + strlen(reply.reason)
        node.pointee.value = text
        return true
    }

    /// Runs `body` with what was prepared at the end of `list`. `body` must not free the list.
    ///
    /// - Parameter contentLength: nil where nobody knows it: of a reply without a body to a HEAD.
    func lend(to list: HeaderList, _ body: () -> Void) {
        list.link(node)
        body()
        list.unlink(node)
    }

    /// Writes the lines of `X-Request-Id`, those given and, where there is a length, `Content-Length`.
    ///
    /// - Parameter start: Of ``tailBytes`` bytes.
    /// - Returns: Where they end.
    private static func writeTail(
        _ id: UnsafeRawBufferPointer,
        _ length: Int?,
        _ writeLines: (inout ReplyLines) -> Void,
        to start: UnsafeMutablePointer<CChar>
    ) -> UnsafeMutablePointer<CChar> {
        var end = start
        memcpy(end, idLine.utf8Start, idLine.utf8CodeUnitCount)
        end += idLine.utf8CodeUnitCount
        // Safe: an id is never empty.
        memcpy(end, id.baseAddress!, id.count)
        end += id.count
        var lines = ReplyLines(at: end)
        writeLines(&lines)
        end += lines.count
        guard let length else { return end }
        memcpy(end, lengthLine.utf8Start, lengthLine.utf8CodeUnitCount)
        end += lengthLine.utf8CodeUnitCount
        var digits = 1
        var rest = length
        while rest >= 10 {
            digits += 1
            rest /= 10
        }
        rest = length
        for position in stride(from: digits - 1, through: 0, by: -1) {
            end[position] = CChar(bitPattern: UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        return end + digits
    }
}
