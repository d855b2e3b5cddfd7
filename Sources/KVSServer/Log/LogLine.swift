import Wire

/// How lines of the log are written (`KVS_LOG_FORMAT`).
public enum LogFormat: String, Sendable, CaseIterable {
    /// `2026-11-26T23:59:59.123Z info kvs: ready url=http://127.0.0.1:8080/kvs`: for people, and logfmt behind
    /// the colon.
    case text
    /// One JSON object in each line, with `time`, `level` and `message`.
    case json
}

/// A line of the log while it is put together: a time, a level, a message, and fields.
package struct LogLine {
    private let format: LogFormat
    package var bytes: [UInt8]

    /// - Parameter bytes: Empty; its memory is used.
    package init(format: LogFormat, bytes: [UInt8] = []) {
        self.format = format
        self.bytes = bytes
    }

    package mutating func begin(at time: String, level: String, message: String) {
        switch format {
        case .text:
            bytes += "\(time) \(level) kvs: ".utf8
            // What people read is not escaped, but stays in one line.
            bytes += message.utf8.map { $0 < 0x20 ? 0x20 : $0 }
        case .json:
            bytes += "{\"time\":\"\(time)\",\"level\":\"\(level)\",\"message\":".utf8
            quote(message.utf8)
        }
    }

    package mutating func add(_ name: StaticString, _ value: String) {
        add("\(name)", text: value.utf8)
    }

    package mutating func add(_ name: StaticString, text: UnsafeRawBufferPointer) {
        add("\(name)", text: text)
    }

    package mutating func add(_ name: StaticString, number: Int) {
        beginField("\(name)")
        bytes += String(number).utf8
    }

    package mutating func add(_ name: String, text: some Collection<UInt8>) {
        beginField(name)
        if format == .text, !text.isEmpty, text.allSatisfy(Self.isPlain) {
            bytes += text
        } else {
            quote(text)
        }
    }

    package mutating func end() { bytes += format == .json ? [UInt8(ascii: "}"), 0x0A] : [0x0A] }

    private mutating func beginField(_ name: String) {
        switch format {
        case .text:
            bytes.append(UInt8(ascii: " "))
            bytes += name.utf8
            bytes.append(UInt8(ascii: "="))
        case .json:
            bytes.append(UInt8(ascii: ","))
            quote(name.utf8)
            bytes.append(UInt8(ascii: ":"))
        }
    }

    /// What needs no quotes in logfmt.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
            && byte != UInt8(ascii: "\\")
    }

    /// Writes a JSON string. Bytes that are no ASCII stand as they are where they come from a string of
    /// Swift, and are none in what comes from the network.
    private mutating func quote(_ text: some Collection<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20, 0x7F:
                bytes += "\\u00".utf8
                bytes.append((byte >> 4).lowHexDigit)
                bytes.append(byte.lowHexDigit)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
