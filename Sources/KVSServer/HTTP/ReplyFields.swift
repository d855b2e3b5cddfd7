import CLibevent
import Glibc

/// What a reply's body is.
enum ContentType: Sendable {
    case json
    case octetStream
    case plainText

    fileprivate var text: StaticString {
        switch self {
        case .json: "application/json"
        case .octetStream: "application/octet-stream"
        case .plainText: "text/plain; charset=utf-8"
        }
    }
}

/// The three fields of every reply (`Date`, `Content-Type`, `Content-Length`), lent to evhttp for the
/// time of one call.
///
/// evhttp would allocate three blocks for each field, and format the date, for each reply. Here the
/// nodes are made once for each loop; evhttp only prints them. For use on the loop's thread.
final class ReplyFields {
    private let nodes = UnsafeMutablePointer<evkeyval>.allocate(capacity: 3)
    private let lengthText = UnsafeMutablePointer<CChar>.allocate(capacity: 24)
    private var date = HTTPDate()

    init() {
        nodes.initialize(repeating: evkeyval(), count: 3)
        setName(of: 0, "Date")
        setName(of: 1, "Content-Type")
        setName(of: 2, "Content-Length")
        nodes[2].value = lengthText
    }

    deinit {
        nodes.deallocate()
        lengthText.deallocate()
        date.destroy()
    }

    private func setName(of index: Int, _ name: StaticString) {
        // Safe: evhttp only reads names; nothing is written through this pointer.
        nodes[index].key = UnsafeMutablePointer(mutating: name.cString)
    }

    /// The present `Date` field's text, with its NUL.
    func dateText() -> UnsafePointer<CChar> { UnsafePointer(date.text()) }

    /// What the fields say in one reply.
    struct Values {
        /// false where the reply has a `Date` already.
        var hasDate = true
        /// nil where the reply has a `Content-Type` already.
        var contentType: ContentType?
        /// In bytes.
        var contentLength: Int
    }

    /// Runs `body` with the fields at the end of `list`. `body` must not free the list.
    func lend(_ values: Values, to list: HeaderList, _ body: () -> Void) {
        if values.hasDate {
            nodes[0].value = date.text()
            list.link(nodes)
        }
        if let contentType = values.contentType {
            // Safe: evhttp only reads values.
            nodes[1].value = UnsafeMutablePointer(mutating: contentType.text.cString)
            list.link(nodes + 1)
        }
        Self.write(values.contentLength, to: lengthText)
        list.link(nodes + 2)
        body()
        list.unlink(nodes + 2)
        if values.contentType != nil { list.unlink(nodes + 1) }
        if values.hasDate { list.unlink(nodes) }
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
