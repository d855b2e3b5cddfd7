import ArgumentParser
import Glibc
import KVSClient

/// `kvs import`: puts what ``Export`` has written.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put keys and values that kvs export has written.",
        discussion: """
            Reads FILE; without one, or with '-', stdin. Each line is a JSON object with the fields \
            'key' and 'value', "encoding":"base64" where the value is in base64, and 'ttl', a number of \
            seconds, where the key is to have a time to live. Several lines are sent at a time, those of \
            one key in order, and few are in memory.

            A value that the key has already is not written again, and its time to live stays: running it \
            again, also after it was ended half-way, changes nothing but what is missing. A write that may or \
            may not have been done is therefore sent again, five times at most. A main that was started anew \
            meanwhile has lost what was stored before, which is an error. Says at the end, on stderr, \
            how many were written and how many were there already. With --json, on stdout: \
            {"written":...,"unchanged":...}.

            Exit status: 0 all lines are stored; 64 wrong use; 65 a line is bad, or the server refused its \
            value for what it is (400, 413, 415, 507); 66 the file or stdin cannot be read; 69 the service \
            is not available, answered anything else, or was started anew meanwhile; 71 the system lacks something; 74 stdout cannot be \
            written; 141 (SIGPIPE) nobody reads stdout. stderr names the line, and says how many were \
            written; of those behind it some may have been.
            """
    )

    @Argument(help: "The file; '-' for stdin.", completion: .file())
    var file: String?

    @OptionGroup var client: ClientOptions
    @ParentCommand private var program: Program

    func validate() throws {
        try program.refuseServerOptions()
        guard file != nil || isatty(STDIN_FILENO) == 0 else {
            throw ValidationError("nothing to import: give FILE, or '-' for stdin")
        }
    }

    func run() async throws {
        let lines: InputLines
        do throws(ValueSource.Fault) {
            lines = try InputLines(path: file == "-" ? nil : file)
        } catch {
            client.end(error.status, error.reason)
        }
        let store: KVSClient
        do throws(KVSClientError) {
            store = try client.makeClient(connections: ImportRun.maximumCalls)
        } catch {
            client.end(client.failure(error, nil, .put))
        }
        let count = ImportCount()
        let end = await ProgressLine.during("\(count)", after: .seconds(1)) {
            await ImportRun(client: store, lines: lines, count: count).run()
        }
        switch end {
        case .done: break
        case .unreadable(let fault): client.end(fault.status, "\(fault.reason); \(count)")
        case .bad(let line, let reason):
            client.end(.dataRefused, "line \(line): \(reason); \(count)")
        case .failed(let line, let error):
            let failure = client.failure(error, store.cause(of: error), .put)
            client.end(failure.status, "line \(line): \(failure.reason); \(count)")
        case .unchecked(let error):
            let failure = client.failure(error, store.cause(of: error), .get)
            client.end(failure.status, "\(failure.reason); \(count)")
        }
        store.close()
        if client.isJSON {
            Output.writeLine(count.json, behind: "\(count)")
        } else {
            Program.say("\(count)", exitStatus: 0)
        }
    }
}
