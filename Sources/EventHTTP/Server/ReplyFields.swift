import CLibevent
import Glibc
import Wire

/// What a reply's body is.
package enum ContentType: Int, Sendable, CaseIterable {
    case json
    case octetStream

    /// What follows the value of `Date`.
    fileprivate var line: StaticString {
        switch self {
        case .json: "\r\nContent-Type: application/json"
        case .octetStream: "\r\nContent-Type: application/octet-stream"
        }
    }
}

/// How a reply tells the client whether the connection goes on behind it (RFC 9112 §9.3): what its version
/// of HTTP takes for granted needs no field.
enum Persistence: Int, CaseIterable {
    case unsaid, keepAlive, close

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
    private static let lengthLine: StaticString = "\r\nContent-Length: "
    /// What that line takes at most, with its NUL: a number has up to 19 digits.
    private static let lengthBytes = lengthLine.utf8CodeUnitCount + 20

    private let node = UnsafeMutablePointer<evkeyval>.allocate(capacity: 1)
    private let lengthText = UnsafeMutablePointer<CChar>.allocate(capacity: lengthBytes)
    private let date = HTTPDate()
    /// The date, a content type and a persistence, by the raw values of those.
    private let dates = ContentType.allCases.map { type in
        Persistence.allCases.map { HTTPDate(followedBy: type.line, $0.line, room: lengthBytes) }
    }
    // Safe: used on the loop's thread only, by nobody that is called while it is written.
    @exclusivity(unchecked) private var lines = FieldLines()

    init() {
        node.initialize(to: evkeyval())
        // Safe: evhttp only reads names; nothing is written through this pointer.
        node.pointee.key = UnsafeMutablePointer(mutating: StaticString("Date").cString)
        memcpy(lengthText, Self.lengthLine.utf8Start, Self.lengthLine.utf8CodeUnitCount)
    }

    deinit {
        node.deallocate()
        lengthText.deallocate()
    }

    /// The present `Date` field's text, with its NUL.
    func dateText() -> UnsafePointer<CChar> { UnsafePointer(date.text()) }

    /// The bytes that the fields prepared last take beside the room that those of our own replies have.
    private(set) var preparedBytes = 0

    /// Prepares a reply of our own.
    ///
    /// - Parameter length: nil where nobody knows it: of a reply without a body to a HEAD.
    func prepare(_ contentType: ContentType, _ persistence: Persistence, length: Int?) {
        preparedBytes = 0
        let date = dates[contentType.rawValue][persistence.rawValue]
        let text = date.text()
        let count = writeLength(length)
        memcpy(text + date.textCount, lengthText, count)
        text[date.textCount + count] = 0
        node.pointee.value = text
    }

    /// Prepares another server's reply: its end-to-end fields, and `Date` where it has none.
    ///
    /// - Returns: False where there is no memory for them.
    func prepare(
        relaying reply: HTTPClientReply,
        _ persistence: Persistence,
        length: Int?
    ) -> Bool {
        lines.removeAll()
        let date = UnsafeRawBufferPointer(start: date.text(), count: HTTPDate.count)
        reply.writeFields(to: &lines, date: date)
        lines.write(persistence.line)
        lines.write(UnsafeRawBufferPointer(start: lengthText, count: writeLength(length)))
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

    /// Writes the line of `Content-Length` to `lengthText`.
    ///
    /// - Returns: How long it is; 0 without a length.
    private func writeLength(_ length: Int?) -> Int {
        guard let length else { return 0 }
        var digits = 1
        var rest = length
        while rest >= 10 {
            digits += 1
            rest /= 10
        }
        let start = Self.lengthLine.utf8CodeUnitCount
        rest = length
        for position in stride(from: start + digits - 1, through: start, by: -1) {
            lengthText[position] = CChar(bitPattern: UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        return start + digits
    }
}
