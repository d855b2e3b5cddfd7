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
        _ = try service
    }

    /// The service that is asked.
    private var service: ServiceURL {
        get throws {
            try ServiceURL(argument: url ?? ServiceURL.ofEnvironment ?? ServiceURL.fallback)
        }
    }

    /// What a call does.
    enum Purpose {
        case put
        case get
        case delete
    }

    /// Makes one call of the client library, and ends the program where it has no result.
    func call<Result: Sendable>(
        to purpose: Purpose,
        _ call: (KVSClient) async throws(KVSClientError) -> Result
    ) async -> Result {
        let service: ServiceURL
        do {
            service = try self.service
        } catch {
            Program.end(withError: error)
        }
        var settings = KVSClient.Settings()
        settings.timeout = .milliseconds(Int64(seconds * 1000))
        settings.connections = 1
        var cause: String?
        do throws(KVSClientError) {
            let client = try KVSClient("\(service)", settings)
            defer { cause = client.lastCause }
            let result = try await call(client)
            client.close()
            return result
        } catch {
            end(error, cause, at: service, purpose)
        }
    }

    /// Ends the program, and says why: on stderr, and with `--json` on stdout as well.
    func end(_ status: Program.ExitStatus, _ reason: String) -> Never {
        let reason = reason.printable
        if isJSON { Output.writeError(reason) }
        Program.end(status, reason)
    }

    private func end(
        _ error: KVSClientError,
        _ cause: String?,
        at service: ServiceURL,
        _ purpose: Purpose
    ) -> Never {
        let cause = cause.map { " (\($0))" } ?? ""
        switch error {
        case .invalidURL(let url): end(.usage, "'\(url)' is not a URL")
        case .invalidKey(let key): end(.usage, "'\(key)' is no key: \(Key.rule)")
        case .valueTooLarge:
            // Of a file and of stdin nobody has seen the end.
            end(.dataRefused, "the value has more than \(KVSClient.maximumValueBytes) bytes")
        case .unavailable(let mayHaveActed):
            let outcome = mayHaveActed ? "; it may have been done all the same" : ""
            end(.unavailable, "\(service): service is not available\(cause)\(outcome)")
        case .timedOut:
            let outcome = purpose != .get ? "; it may have been done all the same" : ""
            end(.unavailable, "\(service): no reply in time\(outcome)")
        case .refused(let status, let message):
            // What the server says of the value; all else is an answer that is no result.
            let isAboutData = purpose == .put && [400, 413, 415, 507].contains(status)
            // By bytes: one character may have any number of them.
            let words =
                message.utf8.count > 500
                ? "\(String(decoding: message.utf8.prefix(500), as: UTF8.self))…" : message
            // Something on the way has given up waiting, or broken down.
            let isUncertain = status >= 500 && ![501, 503, 507].contains(status)
            let outcome =
                purpose != .get && isUncertain ? "; it may have been done all the same" : ""
            end(
                isAboutData ? .dataRefused : .unavailable,
                "\(service): \(status): \(words)\(cause)\(outcome)"
            )
        case .closed: end(.unavailable, "\(service): the client was closed")
        case .system(let reason): end(.system, reason)
        }
    }
}
