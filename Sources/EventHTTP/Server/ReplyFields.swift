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
/// evhttp would allocate three blocks for each field, and format the date, for each reply. Here there are
/// two nodes, made once for each loop, which evhttp only prints: `Content-Length`, and `Date` with all
/// others behind it (see ``FieldLines``). evhttp looks for these two by name, and adds its own where
/// they are not there. For use on the loop's thread.
final class ReplyFields {
    private let nodes = UnsafeMutablePointer<evkeyval>.allocate(capacity: 2)
    private let lengthText = UnsafeMutablePointer<CChar>.allocate(capacity: 24)
    private let date = HTTPDate()
    /// The date, a content type and a persistence, by the raw values of those.
    private let dates = ContentType.allCases.map { type in
        Persistence.allCases.map { HTTPDate(followedBy: type.line, $0.line) }
    }
    // Safe: used on the loop's thread only, by nobody that is called while it is written.
    @exclusivity(unchecked) private var lines = FieldLines()

    private var dateNode: UnsafeMutablePointer<evkeyval> { nodes }
    private var lengthNode: UnsafeMutablePointer<evkeyval> { nodes + 1 }

    init() {
        nodes.initialize(repeating: evkeyval(), count: 2)
        // Safe: evhttp only reads names; nothing is written through these pointers.
        dateNode.pointee.key = UnsafeMutablePointer(mutating: StaticString("Date").cString)
        lengthNode.pointee.key = UnsafeMutablePointer(
            mutating: StaticString("Content-Length").cString
        )
        lengthNode.pointee.value = lengthText
    }

    deinit {
        nodes.deallocate()
        lengthText.deallocate()
    }

    /// The present `Date` field's text, with its NUL.
    func dateText() -> UnsafePointer<CChar> { UnsafePointer(date.text()) }

    /// The bytes that the fields prepared last take beside the room that those of our own replies have.
    private(set) var preparedBytes = 0

    /// Prepares a reply of our own.
    func prepare(_ contentType: ContentType, _ persistence: Persistence) {
        preparedBytes = 0
        dateNode.pointee.value = dates[contentType.rawValue][persistence.rawValue].text()
    }

    /// Prepares another server's reply: its end-to-end fields, and `Date` where it has none.
    ///
    /// - Returns: False where there is no memory for them.
    func prepare(relaying reply: HTTPClientReply, _ persistence: Persistence) -> Bool {
        lines.removeAll()
        let date = UnsafeRawBufferPointer(start: date.text(), count: HTTPDate.count)
        reply.writeFields(to: &lines, date: date)
        lines.write(persistence.line)
        guard let text = lines.cString() else { return false }
        preparedBytes = lines.bytes.count + strlen(reply.reason)
        dateNode.pointee.value = text
        return true
    }

    /// Runs `body` with what was prepared at the end of `list`. `body` must not free the list.
    ///
    /// - Parameter contentLength: nil where nobody knows it: of a reply without a body to a HEAD.
    func lend(to list: HeaderList, contentLength: Int?, _ body: () -> Void) {
        list.link(dateNode)
        if let contentLength {
            Self.write(contentLength, to: lengthText)
            list.link(lengthNode)
        }
        body()
        if contentLength != nil { list.unlink(lengthNode) }
        list.unlink(dateNode)
    }

    /// Writes a number in decimal, with a NUL behind it; at most 20 bytes.
    private static func write(_ number: Int, to buffer: UnsafeMutablePointer<CChar>) {
        var digits = 1
        var rest = number
        while rest >= 10 {
            digits += 1
            rest /= 10
        }
        buffer[digits] = 0
        rest = number
        for position in stride(from: digits - 1, through: 0, by: -1) {
            buffer[position] = CChar(bitPattern: UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
    }
}
