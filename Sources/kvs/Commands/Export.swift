import ArgumentParser
import KVSClient

/// `kvs export`: writes keys and their values to stdout, for ``Import``.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write keys with their values, for kvs import.",
        discussion: """
            Writes a line of JSON for each key that begins with PREFIX, in no order; without one, for each \
            key: {"key":...,"value":...}, with "encoding":"base64" where the value is not UTF-8, and \
            "ttl":SECONDS where the key has a time to live. A key that is deleted meanwhile is passed over; \
            one that is put meanwhile may be there or not. It asks for several values at a time, keeps \
            few of them in memory, and asks again, five times at most, where there is no answer or too much \
            to do.

            Exit status: 0 all is written; 64 wrong use; 69 the service is not available, or answered \
            anything else, or was started anew meanwhile: lines are missing; 71 the system lacks something; \
            74 stdout cannot be written; 141 (SIGPIPE) nobody reads stdout. Each line ends with a line end, \
            and one without may not be whole.
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
        let lines = ExportedLines()
        let count = lines.count
        await ProgressLine.during(
            "\(count.withLock { $0 }) keys exported",
            after: .seconds(1),
            isBesideOutput: true
        ) {
            // One more for the list: or its calls would wait for the values'.
            await client.call(to: .get, connections: ExportRun.maximumCalls + 1) {
                client throws(KVSClientError) in
                try await ExportRun(client: client, prefix: prefix.text, lines: lines).run()
            }
        }
    }
}
