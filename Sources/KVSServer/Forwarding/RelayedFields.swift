/// The header fields of a request to the main.
enum RelayedFields {
    /// Names this process in `Via`. A name alone would not do: several forwarders in a row are no circle.
    static let identity = String(UInt64.random(in: .min ... .max), radix: 16)

    /// Longer ways to the main are taken for circles, through something that hides our mark.
    private static let maximumHops = 32

    fileprivate static let mark = "1.1 kvs (\(identity))"

    /// Marks a question of our own.
    static func addMark(to fields: HeaderList) { fields.add("Via", mark) }

    /// Whether the request has been here before (RFC 9110 §7.6.3).
    static func isCircular(_ request: borrowing HTTPRequest) -> Bool {
        guard let via = request.joinedFields("Via") else { return false }
        let hops = via.utf8.split(separator: UInt8(ascii: ","))
        return hops.count > maximumHops
            || hops.contains { Substring($0).hasSuffix("(\(identity))") }
    }
}

extension HTTPRequest {
    /// Adds `Via`, `X-Forwarded-For` and the client's end-to-end fields.
    func addRelayedFields(to fields: HeaderList) {
        fields.add("Via", list("Via", adding: RelayedFields.mark))
        fields.add("X-Forwarded-For", list("X-Forwarded-For", adding: peerHost))
        // Behind the marks: the main grants a marked head more room.
        copyEndToEndFields(to: fields, except: ["host", "expect", "via", "x-forwarded-for"])
    }

    private func list(_ name: StaticString, adding member: String) -> String {
        joinedFields(name).map { "\($0), \(member)" } ?? member
    }
}
