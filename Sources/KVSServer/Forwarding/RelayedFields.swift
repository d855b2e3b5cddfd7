import EventHTTP
import Wire

/// The header fields of a request to the main.
enum RelayedFields {
    /// Names this process in `Via`. A name alone would not do: several forwarders in a row are no circle.
    static let identity = String(UInt64.random(in: .min ... .max), radix: 16)

    /// Longer ways to the main are taken for circles, through something that hides our mark.
    private static let maximumHops = 32

    fileprivate static let mark = "1.1 kvs (\(identity))"
    private static let markEnd = Array("(\(identity))".utf8)

    /// Marks a question of our own.
    static func writeMark(to lines: inout FieldLines) {
        lines.begin("Via")
        lines.write(mark)
    }

    /// Whether the request has been here before (RFC 9110 §7.6.3), or has come by more than
    /// `maximumHops` others: nothing behind the first member too many is looked at.
    static func isCircular(_ request: borrowing HTTPRequest) -> Bool {
        var hops = 0
        var isKnown = false
        request.forEachField(.via) { list in
            var members = ListMembers(list)
            while !isKnown, hops <= maximumHops, let hop = members.next() {
                hops += 1
                isKnown = hop.suffix(markEnd.count).elementsEqual(markEnd)
            }
        }
        return isKnown || hops > maximumHops
    }
}

extension HTTPRequest {
    /// Writes `Via`, `X-Forwarded-For` and the client's end-to-end fields.
    func writeRelayedFields(to lines: inout FieldLines) {
        beginList("Via", .via, in: &lines)
        lines.write(RelayedFields.mark)
        beginList("X-Forwarded-For", .xForwardedFor, in: &lines)
        lines.write(peerHost)
        lines.begin("X-Request-Id")
        lines.write(id)
        // Behind the marks: the main grants a marked head more room.
        writeEndToEndFields(to: &lines)
    }

    /// Begins a line with the members that the client has sent. One more member comes next.
    private func beginList(_ name: StaticString, _ field: FieldName, in lines: inout FieldLines) {
        lines.begin(name)
        forEachField(field) { member in
            lines.write(member)
            lines.write(", ")
        }
    }
}
