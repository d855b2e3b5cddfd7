/// What the `Accept` fields ask for (RFC 9110 §12.5.1), as far as two media types go.
///
/// All fields together are one list, wherever it is cut into lines.
package struct MediaRange {
    private var octetStream = 0
    private var json = 0

    package init() {}

    /// Whether the client names `application/octet-stream`, and wants JSON less.
    ///
    /// Ranges with a star ask for nothing in particular: they get JSON, as the contract says.
    package var prefersOctetStream: Bool { octetStream > json }

    /// Takes a field's members into account.
    package mutating func add(_ field: UnsafeRawBufferPointer) {
        // What curl and most clients send by default.
        if field.equals("*/*") { return }
        // The shorter of both has 16 bytes.
        for range in ListMembers(field) where range.count >= 16 {
            let semicolon = range.firstIndex(of: UInt8(ascii: ";")) ?? range.count
            let type = range.slice(0..<semicolon).trimmingWhitespace
            if type.equalsIgnoringCase("application/octet-stream") {
                octetStream = Self.quality(range.slice(semicolon..<range.count))
            } else if type.equalsIgnoringCase("application/json") {
                json = Self.quality(range.slice(semicolon..<range.count))
            }
        }
    }

    /// The weight behind `;q=`, in thousandths; 1000 where there is none (RFC 9110 §12.4.2).
    private static func quality(_ parameters: UnsafeRawBufferPointer) -> Int {
        var start = 1
        while start < parameters.count {
            let end =
                parameters[start...].firstIndex(of: UInt8(ascii: ";")) ?? parameters.count
            let parameter = parameters.slice(start..<end).trimmingWhitespace
            start = end + 1
            guard parameter.count > 2, parameter.slice(0..<2).equalsIgnoringCase("q=") else {
                continue
            }
            var thousandths = 0
            var scale = 1000
            for byte in parameter.slice(2..<parameter.count) where byte != UInt8(ascii: ".") {
                guard byte.isDigit, scale > 0 else { break }
                thousandths += Int(byte - UInt8(ascii: "0")) * scale
                scale /= 10
            }
            return thousandths
        }
        return 1000
    }
}
