import ArgumentParser
import KVSClient

/// `kvs delete`: removes a key and its value.
struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete a key.",
        discussion: """
            Writes 'deleted'. With --json: {"key":...,"deleted":true}.

            Exit status: 0 deleted; 1 the key does not exist; 64 wrong use; 69 the service is not \
            available, or answered anything else; 71 the system lacks something; 74 stdout cannot be \
            written; 141 (SIGPIPE) nobody reads stdout. Behind 74 and 141 stderr says that the key was \
            deleted.
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
        let existed = await ProgressLine.during("deleting \(key)", after: .seconds(1)) {
            await client.call(to: .delete) { client throws(KVSClientError) in
                try await client.delete(key)
            }
        }
        guard existed else { client.end(.negative, "key does not exist") }
        let done = "the key was deleted"
        if client.isJSON {
            Output.writeLine("{\"key\":\"\(key)\",\"deleted\":true}", behind: done)
        } else {
            Output.writeLine(Output.isTerminal ? "deleted \(key)" : "deleted", behind: done)
        }
    }
}
