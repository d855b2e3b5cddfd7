import ArgumentParser
import KVSClient

/// What every command that asks a service may be told.
struct ClientOptions: ParsableArguments {
    @Option(help: "Where the service is. [KVS_URL; default: http://127.0.0.1:8080]")
    var url: String?

    @Flag(name: .customLong("json"), help: "Write the result as one line of JSON.")
    var isJSON = false

    @Option(
        name: .customLong("timeout"),
        help: ArgumentHelp("Time for the whole call.", valueName: "seconds")
    )
    var seconds = 10.0

    func validate() throws {
        guard seconds > 0, seconds <= 86_400 else {
            throw ValidationError("--timeout takes seconds, more than 0 and at most 86400")
        }
    }

    /// The service that is asked. Ends the program where the text is no URL.
    var service: ServiceURL {
        Self.service(url ?? ServiceURL.ofEnvironment ?? ServiceURL.fallback)
    }

    static func service(_ text: String) -> ServiceURL {
        guard let service = ServiceURL(text) else {
            Program.end(.usage, "'\(text.printable)' is not a URL such as \(ServiceURL.fallback)")
        }
        return service
    }

    /// Makes one call of the client library, and ends the program where it has no result.
    func call<Result: Sendable>(
        _ call: (KVSClient) async throws(KVSClientError) -> Result
    ) async -> Result {
        let service = service
        var settings = KVSClient.Settings()
        settings.timeout = .milliseconds(Int64(seconds * 1000))
        settings.connections = 1
        do throws(KVSClientError) {
            let client = try KVSClient("\(service)", settings)
            let result = try await call(client)
            client.close()
            return result
        } catch {
            end(error, at: service)
        }
    }

    /// Ends the program, and says why: on stderr, and with `--json` on stdout as well.
    func end(_ status: Program.ExitStatus, _ reason: String) -> Never {
        let reason = reason.printable
        if isJSON { Output.writeLine("{\"error\":\(JSONText.quoted(reason))}") }
        Program.end(status, reason)
    }

    private func end(_ error: KVSClientError, at service: ServiceURL) -> Never {
        switch error {
        case .invalidURL(let url): end(.usage, "'\(url)' is not a URL")
        case .invalidKey(let key): end(.usage, "'\(key)' is no key: \(Key.rule)")
        case .valueTooLarge(let count):
            end(
                .dataRefused,
                "the value has \(count) bytes; the most are \(KVSClient.maximumValueBytes)"
            )
        case .unavailable(let mayHaveActed):
            let outcome = mayHaveActed ? "; it may have been done all the same" : ""
            end(.unavailable, "\(service): service is not available\(outcome)")
        case .timedOut:
            end(.unavailable, "\(service): no reply in time; a write may have been done")
        case .refused(let status, let message):
            // 404 with any other text than the contract's, and what is no error, is of another server.
            let isAboutData = (400..<500).contains(status) && status != 404 || status == 507
            end(isAboutData ? .dataRefused : .unavailable, "\(service): \(status): \(message)")
        case .closed: end(.unavailable, "\(service): the client was closed")
        case .system(let reason): end(.system, reason)
        }
    }
}
