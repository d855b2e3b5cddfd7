import ArgumentParser
import ContractCases
import Glibc

/// `kvs check`: the contract against running instances, of any implementation.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check running instances against the contract.",
        discussion: """
            Each URL is checked alone; of several, what is written at each must be seen at all others. \
            Prints a table of what was expected and what came. It uses keys of its own, and deletes \
            them, also where a signal ends it; a key that may be left is named on stderr.

            Exit status: 0 all as expected; 1 something was not; 64 wrong use; 69 nothing answers; 71 \
            the system lacks something; 74 stdout cannot be written; 129, 130, 143 SIGHUP, SIGINT, \
            SIGTERM; 141 (SIGPIPE) nobody reads stdout.
            """
    )

    @Argument(help: "http://host:port, with or without /kvs.")
    var urls: [String]

    @Flag(help: "The URLs are of forwarders whose main is away: each call must be answered so.")
    var mainDown = false

    @Flag(help: "Leave out what kvs promises beyond the contract: limits, other bodies, and more.")
    var contractOnly = false

    @Flag(help: "JSON must be the text to the byte; else what means the same is enough.")
    var exact = false

    @Option(
        name: .customLong("timeout"),
        help: ArgumentHelp("Time for each request.", valueName: "seconds")
    )
    var seconds = 15.0

    @ParentCommand private var program: Program

    func validate() throws {
        try program.refuseServerOptions()
        guard seconds > 0, seconds <= 86_400 else {
            throw ValidationError("--timeout takes seconds, more than 0 and at most 86400")
        }
        for url in urls { _ = try ServiceURL(argument: url) }
    }

    func run() throws {
        let timeout = Duration.milliseconds(Int64(seconds * 1000))
        let clients = try urls.map {
            PlainClient(try ServiceURL(argument: $0), timeout: timeout)
        }
        // Until here there is nothing to take away. From here on nothing may end the program but its end.
        Interruption.install()
        var check = ContractCheck(isExact: exact)
        for client in clients { checkAlone(client, &check) }
        if clients.count > 1, check.silent.isEmpty, !mainDown {
            let names = clients.enumerated().map { "\($0.offset) = \($0.element.service)" }
            check.table.heading("together: \(names.joined(separator: "  "))")
            for item in ContractCases.together(instanceCount: clients.count) {
                check.run(item, at: clients)
            }
        }
        check.deleteRest()
        check.table.summary()
        if Interruption.hasCome { Glibc.exit(Interruption.exitStatus) }
        if let error = check.table.outputError { Output.end(error) }
        if check.answering.isEmpty { Program.end(.unavailable, "nothing answers") }
        if check.table.failureCount > 0 { Glibc.exit(Program.ExitStatus.negative.rawValue) }
    }

    private func checkAlone(_ client: PlainClient, _ check: inout ContractCheck) {
        if mainDown {
            check.table.heading("\(client.service), its main away")
            for item in ContractCases.mainAway + (contractOnly ? [] : ContractCases.mainAwayBeyond)
            {
                check.run(item, at: [client])
            }
            return
        }
        check.table.heading("\(client.service)")
        for item in ContractCases.contract + (contractOnly ? [] : ContractCases.beyond) {
            check.run(item, at: [client])
        }
        guard !contractOnly else { return }
        for (name, bodies) in BodyCases.all {
            check.run(bodies.map(\.contractCase), as: name, at: [client])
        }
    }
}
