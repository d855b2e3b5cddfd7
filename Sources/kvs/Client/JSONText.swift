import KVSClient
import Wire

/// JSON for `--json`: what could steer a terminal is escaped, wherever it goes.
enum JSONText {
    /// A JSON string of a text.
    static func quoted(_ text: String) -> String {
        var quoted: [UInt8] = [quote]
        // A text is UTF-8: it always has a form as a JSON string.
        _ = append(insideOf: Array(text.utf8), to: &quoted)
        return String(decoding: quoted + [quote], as: UTF8.self)
    }

    /// A value as the API has it: a string; where the bytes are not UTF-8, in base64, and saying so.
    static func append(valueFields value: [UInt8], to output: inout [UInt8]) {
        output += "\"value\":\"".utf8
        if append(insideOf: value, to: &output) {
            output.append(quote)
            return
        }
        fill(Base64.encodedCount(of: value.count), of: &output) { place in
            value.withUnsafeBytes { raw in _ = Base64.encode(raw, into: place) }
        }
        output += "\",\"encoding\":\"base64\"".utf8
    }

    /// A further field for a tag; nothing where there is none.
    static func field(_ tag: ValueTag?) -> String { tag.map { ",\"tag\":\"\($0)\"" } ?? "" }

    /// A further field for a time to live; nothing where there is none.
    static func field(secondsToLive seconds: UInt32?) -> String {
        seconds.map { ",\"ttl\":\($0)" } ?? ""
    }

    private static let quote = UInt8(ascii: "\"")

    /// Appends the inside of a JSON string; nothing where the bytes are not UTF-8.
    ///
    /// - Returns: Whether they are.
    private static func append(insideOf bytes: [UInt8], to output: inout [UInt8]) -> Bool {
        bytes.withUnsafeBytes { raw in
            guard let count = JSONString.escapedCount(of: raw) else { return false }
            // Nothing that JSON would leave as it is is a control.
            if raw.allSatisfy({ $0 < 0x7F }) {
                fill(count, of: &output) { _ = JSONString.escape(raw, into: $0) }
                return true
            }
            var inside: [UInt8] = []
            fill(count, of: &inside) { _ = JSONString.escape(raw, into: $0) }
            append(harmless: String(decoding: inside, as: UTF8.self), to: &output)
            return true
        }
    }

    /// Appends the same with an escape for each control that JSON would leave as it is. By bytes: a string of
    /// scalars grows by what is appended, and is copied each time.
    private static func append(harmless text: String, to output: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            if scalar.value < 0x7F {
                output.append(UInt8(truncatingIfNeeded: scalar.value))
            } else if !scalar.isControl {
                output.append(contentsOf: UTF8.encode(scalar) ?? .init())
            } else {
                for unit in UTF16.encode(scalar) ?? .init() {
                    let digits = String(unit, radix: 16)
                    output += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
                }
            }
        }
    }

    /// Appends `count` bytes, and has them filled.
    private static func fill(
        _ count: Int,
        of output: inout [UInt8],
        _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        let start = output.count
        output += repeatElement(0, count: count)
        output.withUnsafeMutableBytes { bytes in
            fill(UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
    }
}
