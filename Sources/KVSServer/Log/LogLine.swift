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
    package private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: Bytes that a line may have without memory being taken for it.
    package init(format: LogFormat, capacity: Int = 0) {
        self.format = format
        bytes.reserveCapacity(capacity)
    }

    /// Begins a line anew.
    ///
    /// - Parameters:
    ///   - time: See ``LogTime``.
    ///   - level: As of swift-log.
    package mutating func begin(at time: some Sequence<UInt8>, level: String, message: String) {
        bytes.removeAll(keepingCapacity: true)
        if format == .json { write("{\"time\":\"") }
        bytes += time
        if format == .json { write("\",\"level\":\"") } else { write(" ") }
        bytes += level.utf8
        switch format {
        case .text:
            write(" kvs: ")
            // What people read is not escaped, but stays in one line.
            for byte in message.utf8 { bytes.append(byte < 0x20 ? 0x20 : byte) }
        case .json:
            write("\",\"message\":")
            quote(message.utf8)
        }
    }

    package mutating func add(_ name: StaticString, _ value: String) {
        beginField(name.buffer)
        addValue(value.utf8)
    }

    package mutating func add(_ name: StaticString, text: UnsafeRawBufferPointer) {
        beginField(name.buffer)
        // Safe: bytes are bytes. (An array takes raw ones one by one.)
        text.withMemoryRebound(to: UInt8.self) { addValue($0) }
    }

    package mutating func add(_ name: StaticString, number: Int) {
        beginField(name.buffer)
        if number < 0 { write("-") }
        var rest = number.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    package mutating func add(_ name: String, _ value: String) {
        beginField(name.utf8)
        addValue(value.utf8)
    }

    package mutating func end() { write(format == .json ? "}\n" : "\n") }

    private mutating func write(_ text: StaticString) {
        bytes += text.buffer
    }

    private mutating func beginField(_ name: some Collection<UInt8>) {
        switch format {
        case .text:
            write(" ")
            bytes += name
            write("=")
        case .json:
            write(",")
            quote(name)
            write(":")
        }
    }

    private mutating func addValue(_ text: some Collection<UInt8>) {
        if format == .text, !text.isEmpty, text.allSatisfy(Self.isPlain) {
            bytes += text
        } else {
            quote(text)
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
        write("\"")
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20, 0x7F:
                write("\\u00")
                bytes.append((byte >> 4).lowHexDigit)
                bytes.append(byte.lowHexDigit)
            default: bytes.append(byte)
            }
        }
        write("\"")
    }
}

extension StaticString {
    fileprivate var buffer: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
