import KVSClient
import Wire

/// What a line of an import says.
struct ImportedLine: Sendable {
    /// What is wrong with a line.
    struct Fault: Error {
        let reason: String
    }

    let key: String
    let value: [UInt8]
    let secondsToLive: UInt32?

    /// - Throws: ``Fault``.
    init(_ line: UnsafeRawBufferPointer) throws(Fault) {
        var fields = Fields()
        var reader = JSONFieldReader(line)
        do throws(JSONFieldReader.Malformed) {
            while let name = try reader.nextName() { try fields.read(name, from: &reader) }
        } catch {
            // What stands in front of it, as an unknown field does in front of a value that is no text, says more.
            let malformed = "malformed JSON at byte \(error.offset): \(error.fault.text)"
            throw Fault(reason: fields.fault ?? malformed)
        }
        if let reason = fields.fault { throw Fault(reason: reason) }
        guard let key = fields.key else { throw Fault(reason: "no field 'key'") }
        guard !key.isEmpty, Key.isBeginning(key) else {
            throw Fault(reason: "'\(key.beginning(300))' is no key: \(Key.rule)")
        }
        guard let value = fields.value else { throw Fault(reason: "no field 'value'") }
        self.key = key
        self.value = try fields.isEncoded ? Self.decode(value) : value
        guard self.value.count <= KVSClient.maximumValueBytes else {
            throw Fault(reason: "the value has more than \(KVSClient.maximumValueBytes) bytes")
        }
        secondsToLive = fields.secondsToLive
    }

    private static func decode(_ encoded: [UInt8]) throws(Fault) -> [UInt8] {
        var isBase64 = false
        // Three bytes for four.
        let value = [UInt8](unsafeUninitializedCapacity: encoded.count / 4 * 3) { output, count in
            let decoded = encoded.withUnsafeBytes { encoded in
                Base64.decode(encoded, into: UnsafeMutableRawBufferPointer(output))
            }
            count = decoded ?? 0
            isBase64 = decoded != nil
        }
        guard isBase64 else { throw Fault(reason: "the value is not base64") }
        return value
    }

    /// The fields so far.
    private struct Fields {
        var key: String?
        var value: [UInt8]?
        var encoding: String?
        var secondsToLive: UInt32?
        /// The first thing that is wrong in well-formed JSON.
        var fault: String?

        var isEncoded: Bool { encoding != nil }

        mutating func read(
            _ name: EncodedValue,
            from reader: inout JSONFieldReader
        ) throws(JSONFieldReader.Malformed) {
            let name = String(decoding: name.decoded(), as: UTF8.self)
            switch name {
            case "key":
                noteRepeated(name, key)
                key = String(decoding: try reader.string().decoded(), as: UTF8.self)
            case "value":
                noteRepeated(name, value)
                value = try reader.string().decoded()
            case "encoding":
                noteRepeated(name, encoding)
                encoding = String(decoding: try reader.string().decoded(), as: UTF8.self)
                if encoding != "base64" { note("'encoding' must be \"base64\"") }
            case "ttl":
                noteRepeated(name, secondsToLive)
                secondsToLive = UInt32(exactly: try reader.wholeNumber())
                if secondsToLive ?? 0 == 0 { note("'ttl' must be from 1 to \(UInt32.max)") }
            default:
                // What it may mean for the key nobody knows here.
                note("unknown field '\(name.beginning(100))'")
                _ = try reader.string()
            }
        }

        private mutating func noteRepeated(_ name: String, _ present: Any?) {
            if present != nil { note("more than one field '\(name)'") }
        }

        private mutating func note(_ reason: String) { fault = fault ?? reason }
    }
}
