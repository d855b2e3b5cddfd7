import ArgumentParser
import Glibc
import KVSClient

/// `kvs get`: writes the value of a key to stdout.
struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the value of a key.",
        discussion: """
            Into a pipe or a file go the bytes of the value and nothing else. On a terminal a line end \
            is added, and what is not plain text is shown with escapes. With --json: \
            {"key":...,"value":...,"bytes":...,"tag":...}, with "encoding":"base64" where the bytes are not \
            UTF-8, and "ttl":SECONDS where the key has a time to live. The tag names the value: see \
            'kvs put --if-match'.

            Exit status: 0 found; 1 the key does not exist; 64 wrong use; 69 the service is not \
            available, or answered anything else; 71 the system lacks something; 74 stdout cannot be \
            written; 141 (SIGPIPE) nobody reads stdout.
            """
    )

    @Argument(help: "1 to 250 of A-Z a-z 0-9 _.")
    var key: Key

    @OptionGroup var client: ClientOptions
    @ParentCommand private var program: Program

    func validate() throws {
        try program.refuseServerOptions()
        try key.validate()
    }

    func run() async throws {
        let key = key.text
        let found = await ProgressLine.during("receiving \(key)", after: .seconds(1)) {
            await client.call(to: .get) { client throws(KVSClientError) in
                try await client.storedValue(of: key)
            }
        }
        guard let value = found else { client.end(.negative, "key does not exist") }
        if client.isJSON {
            var line = Array("{\"key\":\"\(key)\",".utf8)
            JSONText.append(valueFields: value.bytes, to: &line)
            let ttl = JSONText.field(secondsToLive: value.secondsToLive)
            line += ",\"bytes\":\(value.bytes.count)\(JSONText.field(value.tag))\(ttl)}\n".utf8
            Output.write(line)
        } else if Output.isTerminal {
            show(value.bytes)
        } else {
            Output.write(value.bytes)
        }
    }

    /// For people: nothing that could steer the terminal, and the prompt on a line of its own.
    private func show(_ value: [UInt8]) {
        let text = String(validating: value, as: UTF8.self)
        let isPlain = text?.unicodeScalars.allSatisfy { !$0.isControl || $0 == "\n" || $0 == "\t" }
        if let text, isPlain == true {
            Output.write(Array((text.hasSuffix("\n") ? text : "\(text)\n").utf8))
            return
        }
        Output.writeLine(text?.printable ?? Self.escaped(value))
        let note =
            "kvs: the value is not plain text; in a pipe or a file its bytes are as they are\n"
        _ = Array(note.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func escaped(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            if (0x20..<0x7F).contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }
}
