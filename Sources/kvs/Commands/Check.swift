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
            them.

            Exit status: 0 all as expected; 1 something was not; 64 wrong use; 69 nothing answers.
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
    }

    func run() throws {
        Interruption.install()
        let timeout = Duration.milliseconds(Int64(seconds * 1000))
        let clients = urls.map { PlainClient(ClientOptions.service($0), timeout: timeout) }
        var check = ContractCheck(isExact: exact)
        for client in clients { checkAlone(client, &check) }
        if clients.count > 1, check.silent.isEmpty, !mainDown {
            let names = clients.enumerated().map { "\($0.offset) = \($0.element.service)" }
            check.table.heading("together: \(names.joined(separator: "  "))")
            for item in ContractCases.together(instanceCount: clients.count) {
                check.run(item, at: clients)
            }
        }
        check.table.summary()
        if Interruption.hasCome { Glibc.exit(130) }
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
