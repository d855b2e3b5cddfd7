import Wire

/// JSON for `--json`: what could steer a terminal is escaped, wherever it goes.
enum JSONText {
    /// A JSON string of a text.
    static func quoted(_ text: String) -> String {
        // A text is UTF-8: it always has a form as a JSON string.
        inside(of: Array(text.utf8)).map { "\"\($0)\"" } ?? "\"\""
    }

    /// A value as the API has it: a string; where the bytes are not UTF-8, in base64, and saying so.
    static func valueFields(_ value: [UInt8]) -> String {
        if let text = inside(of: value) { return "\"value\":\"\(text)\"" }
        let count = Base64.encodedCount(of: value.count)
        let encoded = filled(count) { output in
            value.withUnsafeBytes { raw in _ = Base64.encode(raw, into: output) }
        }
        return "\"value\":\"\(encoded)\",\"encoding\":\"base64\""
    }

    /// The inside of a JSON string; nil where the bytes are not UTF-8.
    private static func inside(of bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { raw in
            JSONString.escapedCount(of: raw).map { count in
                harmless(filled(count) { _ = JSONString.escape(raw, into: $0) })
            }
        }
    }

    /// The same with an escape for each control that JSON would leave as it is.
    private static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.isControl) else { return text }
        var harmless = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard scalar.isControl else {
                harmless.append(scalar)
                continue
            }
            for unit in UTF16.encode(scalar) ?? .init([]) {
                let digits = String(unit, radix: 16)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                harmless.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
            }
        }
        return String(harmless)
    }

    private static func filled(
        _ count: Int,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> String {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes(fill)
        return String(decoding: bytes, as: UTF8.self)
    }
}
