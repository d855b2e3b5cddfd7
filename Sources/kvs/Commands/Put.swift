import ArgumentParser
import Glibc
import KVSClient

/// `kvs put`: gives a key a value.
struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give a key a value.",
        discussion: """
            The value is VALUE, or the bytes of FILE, or those of stdin: with '-', or where neither is \
            given and stdin is no terminal. A VALUE that begins with '-' stands behind '--'. Bytes are \
            sent as they are; nothing is added and nothing taken away.

            With --if-match it is done only where the key still has the value of that tag: 32 hexadecimal \
            digits, as 'kvs get --json' and the ETag of a reply have them, with quotes or without; '*' is any \
            value. With --ttl the key is gone that many seconds later; without it, it stays.

            Writes 'created' or 'replaced'. With --json: {"key":...,"replaced":...,"bytes":...,"tag":...}.

            Exit status: 0 stored; 1 the key does not have the value of --if-match: stderr names the tag of \
            the one that it has, and so does "tag" with --json; 64 wrong use; 65 the value is too large, or the server refused it for \
            what it is (400, 413, 415, 507); 66 the file or stdin cannot be read; 69 the service is not \
            available, or answered anything else; 71 the system lacks something; 74 stdout cannot be \
            written; 141 (SIGPIPE) nobody reads stdout. Behind 74 and 141 stderr says that the value was \
            stored.
            """
    )

    @Argument(help: "1 to 250 of A-Z a-z 0-9 _.")
    var key: Key

    @Argument(help: "The value; '-' for stdin.")
    var value: String?

    @Option(help: "A file whose bytes are the value.", completion: .file())
    var file: String?

    @Option(help: ArgumentHelp("How long the key is to live.", valueName: "seconds"))
    var ttl: UInt32?

    @Option(
        help: ArgumentHelp("Only where the key has the value of this tag.", valueName: "tag")
    )
    var ifMatch: MatchedTag?

    @OptionGroup var client: ClientOptions
    @ParentCommand private var program: Program

    func validate() throws {
        try program.refuseServerOptions()
        try key.validate()
        guard ttl != 0 else { throw ValidationError("--ttl takes seconds, 1 to \(UInt32.max)") }
        guard value == nil || file == nil else {
            throw ValidationError("a value or --file, not both")
        }
        guard value != nil || file != nil || isatty(STDIN_FILENO) == 0 else {
            throw ValidationError("no value: give VALUE, --file FILE, or '-' for stdin")
        }
    }

    func run() async throws {
        let bytes = readValue()
        let key = key.text
        let isLarge = bytes.count >= ProgressLine.largeBytes
        let result = await ProgressLine.during(
            "sending \(ProgressLine.size(bytes.count))",
            after: isLarge ? .zero : .seconds(1)
        ) {
            await client.call(to: .put) { client throws(KVSClientError) in
                try await client.put(
                    key,
                    bytes,
                    secondsToLive: ttl,
                    if: ifMatch?.condition
                )
            }
        }
        switch result {
        case .stored(let isReplaced, let tag): say(isReplaced, tag, bytes.count)
        case .conditionFailed(let present): refuse(present)
        }
    }

    private func say(_ isReplaced: Bool, _ tag: ValueTag?, _ byteCount: Int) {
        let done = "the value was stored"
        let word = isReplaced ? "replaced" : "created"
        if client.isJSON {
            let fields = "\"replaced\":\(isReplaced),\"bytes\":\(byteCount)\(JSONText.field(tag))"
            Output.writeLine("{\"key\":\"\(key.text)\",\(fields)}", behind: done)
        } else if Output.isTerminal {
            Output.writeLine("\(word) \(key.text) (\(byteCount) bytes)", behind: done)
        } else {
            Output.writeLine(word, behind: done)
        }
    }

    private func refuse(_ present: ValueTag?) -> Never {
        let what = present.map { "the key has \($0)" } ?? "the key does not exist"
        client.end(.negative, "precondition failed: \(what)", fields: JSONText.field(present))
    }

    private var source: ValueSource {
        if let file { return .file(file) }
        guard let value, value != "-" else { return .standardInput }
        return .argument(value)
    }

    private func readValue() -> [UInt8] {
        do throws(ValueSource.Fault) {
            return try source.read()
        } catch {
            client.end(error.status, error.reason)
        }
    }
}
