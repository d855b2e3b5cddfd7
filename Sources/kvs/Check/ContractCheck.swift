import ContractCases
import Glibc

/// Runs cases of the contract against services, and fills a table.
struct ContractCheck {
    var table = CheckTable()
    /// The services that took no connection, or did not answer in time; they are asked no more.
    private(set) var silent: Set<String> = []
    /// The services that have answered.
    private(set) var answering: Set<String> = []
    private var written = WrittenKeys()
    private let isExact: Bool
    /// What every key of this run begins with.
    private let prefix = "check_\(getpid())_\(UInt32.random(in: 0 ... .max))"
    private var caseCount = 0

    init(isExact: Bool) { self.isExact = isExact }

    /// Runs one case, with a row for each of its steps.
    mutating func run(_ item: ContractCase, at clients: [PlainClient]) {
        perform(item, at: clients, showsFailureOnly: false)
    }

    /// Runs many cases, with a row for all together, or one for each case that failed: the step at which it
    /// did, which is its last.
    mutating func run(_ items: [ContractCase], as name: String, at clients: [PlainClient]) {
        let before = table.failureCount
        let start = ContinuousClock.now
        var done = 0
        for item in items {
            if perform(item, at: clients, showsFailureOnly: true) { done += 1 }
        }
        guard done > 0, table.failureCount == before else { return }
        table.row(
            CheckTable.Row(
                name: name,
                expected: "\(items.count) bodies, each as it means",
                got: "\(done) bodies",
                isMet: true,
                time: ContinuousClock.now - start
            )
        )
    }

    /// - Returns: Whether all of it was done.
    @discardableResult
    private mutating func perform(
        _ item: ContractCase,
        at clients: [PlainClient],
        showsFailureOnly: Bool
    ) -> Bool {
        if isOver { return false }
        caseCount += 1
        defer { written.delete(isLast: false) }
        for step in item.steps(key: "\(prefix)_\(caseCount)") {
            let client = clients[step.instance]
            if isOver || silent.contains("\(client.service)") { return false }
            let row = row(of: step, named: item.name, at: client, isOneOf: clients.count)
            // What the interruption has cut short says nothing about the service.
            if Interruption.hasCome, !row.isMet { return false }
            if !showsFailureOnly || !row.isMet { table.row(row) }
            if showsFailureOnly, !row.isMet { return false }
        }
        return true
    }

    /// Whether nothing more is to be asked: a signal has come, or nobody gets to see the table.
    private var isOver: Bool { Interruption.hasCome || table.outputError != nil }

    /// Takes away what may be left of this run's keys, and says on stderr of which that is not certain.
    mutating func deleteRest() {
        written.delete(isLast: true)
        let doubtful = written.doubtful
        for (index, place) in doubtful.enumerated() {
            // Where nobody reads stderr, each line waits.
            guard !Interruption.isUrgent else {
                Program.say("check: not certain that \(doubtful.count - index) more are gone")
                return
            }
            Program.say("check: not certain that it is gone: \(place)")
        }
    }

    private mutating func row(
        of step: ContractCase.Step,
        named name: String,
        at client: PlainClient,
        isOneOf count: Int
    ) -> CheckTable.Row {
        let start = ContinuousClock.now
        let (got, isMet): (String, Bool)
        do throws(PlainExchange.Failure) {
            let result = try step.perform(
                isExact: isExact,
                isOver: { Interruption.hasCome }
            ) { request throws(PlainExchange.Failure) in
                let reply = try client.send(request)
                written.note(request, at: client, .success(reply))
                answering.insert("\(client.service)")
                return reply
            }
            (got, isMet) = (result.text, result.isMet)
        } catch {
            written.note(step.request, at: client, .failure(error))
            if error.isSilence { silent.insert("\(client.service)") }
            (got, isMet) = ("no answer: \(error)", false)
        }
        let place = count > 1 ? " at \(step.instance)" : ""
        return CheckTable.Row(
            name: "\(name): \(step.request.method)\(place)",
            expected: step.expectation.description,
            got: got,
            isMet: isMet,
            time: ContinuousClock.now - start
        )
    }
}
