import ArgumentParser
import KVSClient

/// `kvs list`: writes keys to stdout.
struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List keys.",
        discussion: """
            Writes a line for each key that begins with PREFIX, in no order, as they come; without one, for \
            each key. With --json: {"keys":[...]}. A key that is put or deleted meanwhile may be listed or \
            not. It asks again, five times at most, where there is no answer or too much to do.

            Exit status: 0 all are listed, if only none; 64 wrong use; 69 the service is not available, or \
            answered anything else: of the keys some are missing, and the JSON has no end; 71 the system \
            lacks something; 74 stdout cannot be written; 141 (SIGPIPE) nobody reads stdout.
            """
    )

    @Argument(help: "How the keys begin: up to 250 of A-Z a-z 0-9 _.")
    var prefix = KeyPrefix()

    @OptionGroup var client: ClientOptions
    @ParentCommand private var program: Program

    func validate() throws {
        try program.refuseServerOptions()
        try prefix.validate()
    }

    func run() async throws {
        let isJSON = client.isJSON
        await ProgressLine.during("listing keys", after: .seconds(1), isBesideOutput: true) {
            await client.call(to: .get) { client throws(KVSClientError) in
                var list = KeyList(client, prefix: prefix.text)
                var isFirst = true
                do throws(KVSClientError) {
                    while let keys = try await list.next() {
                        Self.write(keys, asJSON: isJSON, isFirst: &isFirst)
                    }
                    if isJSON { Output.writeLine(isFirst ? "{\"keys\":[]}" : "]}") }
                } catch {
                    // What was begun is no line that looks whole; the next one says why.
                    if isJSON, !isFirst { Output.write([UInt8(ascii: "\n")]) }
                    throw error
                }
            }
        }
    }

    private static func write(_ keys: [String], asJSON isJSON: Bool, isFirst: inout Bool) {
        var text: [UInt8] = []
        for key in keys {
            if isJSON {
                text += (isFirst ? "{\"keys\":[\"" : ",\"").utf8
                text += key.utf8
                text.append(UInt8(ascii: "\""))
            } else {
                text += key.utf8
                text.append(UInt8(ascii: "\n"))
            }
            isFirst = false
        }
        Output.write(text)
    }
}
