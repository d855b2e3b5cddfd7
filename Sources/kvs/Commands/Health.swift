import ArgumentParser
import Basics
import ContractCases
import EventHTTP
import EventLoops
import Glibc

/// `kvs health`: asks a server how it is: the one that runs here, for containers' health checks, or the
/// one at a URL.
struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask whether a server is well.",
        discussion: """
            Without --url and KVS_URL it asks the server that runs here. It finds where that listens by \
            itself, whatever IP, PORT and the options say, and asks for /livez: a forwarder is well \
            without its main. It looks at the processes of this user that run this very file; where \
            there is more than one, each must be well. It does not see a server that another copy of \
            the program runs, or the file that an upgrade has replaced: ask that by --url. One whose \
            program has file capabilities hides from it.

            With a URL it asks for /livez and /readyz: a forwarder whose main is away is not ready.

            Exit status: 0 where it is well; 64 wrong use; 69 where it is not, does not answer within \
            2 s, or none runs; 71 the system lacks something. What nobody reads changes no status.
            """
    )

    private static let timeoutSeconds = 2

    @Option(help: "Where the service is. [KVS_URL; default: the server that runs here]")
    var url: String?

    @Flag(name: .customLong("json"), help: "Write a line of JSON for each server.")
    var isJSON = false

    @ParentCommand private var program: Program

    func validate() throws {
        try program.refuseServerOptions()
        if let url = url ?? ServiceURL.ofEnvironment { _ = try ServiceURL(argument: url) }
    }

    func run() throws {
        if let url = url ?? ServiceURL.ofEnvironment {
            askService(try ServiceURL(argument: url))
        } else {
            askLocalServers()
        }
    }

    private func askService(_ service: ServiceURL) {
        let client = PlainClient(service, timeout: .seconds(Self.timeoutSeconds))
        for path in ["/livez", "/readyz"] {
            do throws(PlainExchange.Failure) {
                let reply = try client.send(ContractRequest("GET", path))
                if let fault = Self.fault(of: reply) { fail("\(service)\(path)", fault) }
            } catch {
                fail("\(service)\(path)", Self.reason(error))
            }
        }
        tell("\(service)", isReady: true)
    }

    private func askLocalServers() {
        let addresses = ListeningSockets.ofThisProgram()
        guard !addresses.isEmpty else {
            fail(nil, "no server runs here from this file; ask one by --url")
        }
        let end = ContinuousClock.now + .seconds(Self.timeoutSeconds)
        for address in addresses {
            do throws(PlainExchange.Failure) {
                let reply = try Self.askAnywhere(address, until: end)
                if let fault = Self.fault(of: reply) { fail("http://\(address)/livez", fault) }
            } catch {
                fail("http://\(address)/livez", Self.reason(error))
            }
            tell("http://\(address)", isReady: nil)
        }
    }

    // MARK: - What it says

    private func fail(_ url: String?, _ reason: String) -> Never {
        let reason = reason.printable
        if isJSON {
            let place = url.map { "\"url\":\(JSONText.quoted($0))," } ?? ""
            say("{\(place)\"well\":false,\"error\":\(JSONText.quoted(reason))}\n")
        }
        Program.end(.unavailable, url.map { "\($0): \(reason)" } ?? reason)
    }

    private func tell(_ url: String, isReady: Bool?) {
        let ready = isReady.map { ",\"ready\":\($0)" } ?? ""
        say(
            isJSON
                ? "{\"url\":\(JSONText.quoted(url)),\"well\":true\(ready)}\n"
                : "\(url): well\(isReady == true ? " and ready" : "")\n"
        )
    }

    /// What nobody reads is no reason to wait: the status says it all.
    private func say(_ line: String) {
        var line = line
        var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 0) > 0, entry.revents & Int16(POLLOUT) != 0 else { return }
        _ = line.withUTF8 { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    private static func reason(_ failure: PlainExchange.Failure) -> String {
        if case .late = failure.reason { return "no answer within \(timeoutSeconds) s" }
        return failure.description
    }

    /// What is wrong with a reply; nil where it says that the server is well.
    private static func fault(of reply: ContractReply) -> String? {
        guard reply.status == 200 else {
            let words = message(of: reply).map { ": \($0)" } ?? ""
            return "the answer is \(reply.status), not 200\(words)"
        }
        // Any server answers 200 to something.
        let isOfKVS = ContractExpectation.success.isMet(by: reply, isExact: false)
        return isOfKVS ? nil : "what answers is no kvs"
    }

    /// The words of an error reply; nil where it has none.
    private static func message(of reply: ContractReply) -> String? {
        let text = String(decoding: reply.body.prefix(500), as: UTF8.self)
        guard let start = text.firstRange(of: #""error":""#)?.upperBound else { return nil }
        return String(text[start...].prefix { $0 != "\"" })
    }

    // MARK: - Asking

    /// Who listens at `::` mostly does so for IPv4 as well, and this machine may have no IPv6 address.
    private static func askAnywhere(
        _ address: SocketAddress,
        until end: ContinuousClock.Instant
    ) throws(PlainExchange.Failure) -> ContractReply {
        do throws(PlainExchange.Failure) {
            return try ask(address, until: end)
        } catch {
            guard case .system(let cause) = error.reason,
                cause.errno == EADDRNOTAVAIL || cause.errno == ENETUNREACH,
                address.description.hasPrefix("[::1]:"),
                let other = SocketAddress(numericHost: "127.0.0.1", port: address.port)
            else { throw error }
            return try ask(other, until: end)
        }
    }

    private static func ask(
        _ address: SocketAddress,
        until end: ContinuousClock.Instant
    ) throws(PlainExchange.Failure) -> ContractReply {
        let exchange = PlainExchange(address: address, host: "kvs", end: end)
        return try exchange.send(ContractRequest("GET", "/livez"))
    }
}
