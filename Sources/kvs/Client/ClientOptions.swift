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
        help: ArgumentHelp(
            "Time for each call of the service.",
            valueName: "seconds"
        )
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

    /// Makes one call of the client library, or several, and ends the program where one has no result.
    func call<Result: Sendable>(
        to purpose: CallFailure.Purpose,
        connections: Int = 1,
        _ call: (KVSClient) async throws(KVSClientError) -> Result
    ) async -> Result {
        let client: KVSClient
        do throws(KVSClientError) {
            client = try makeClient(connections: connections)
        } catch {
            end(failure(error, nil, purpose))
        }
        do throws(KVSClientError) {
            let result = try await call(client)
            client.close()
            return result
        } catch {
            end(failure(error, client.cause(of: error), purpose))
        }
    }

    /// - Parameter connections: How many calls are under way at a time.
    func makeClient(connections: Int) throws(KVSClientError) -> KVSClient {
        var settings = KVSClient.Settings()
        settings.timeout = .milliseconds(Int64(seconds * 1000))
        settings.connections = connections
        return try KVSClient("\(checkedService)", settings)
    }

    /// - Parameter cause: Why there is no service, where that is known.
    func failure(
        _ error: KVSClientError,
        _ cause: String?,
        _ purpose: CallFailure.Purpose
    ) -> CallFailure {
        CallFailure(error, cause, at: checkedService, purpose)
    }

    private var checkedService: ServiceURL {
        do {
            return try service
        } catch {
            Program.end(withError: error)
        }
    }

    func end(_ failure: CallFailure) -> Never { end(failure.status, failure.reason) }

    /// Ends the program, and says why: on stderr, and with `--json` on stdout as well.
    ///
    /// - Parameter fields: What else the object on stdout says: further fields, each behind a comma.
    func end(_ status: Program.ExitStatus, _ reason: String, fields: String = "") -> Never {
        let reason = reason.printable
        if isJSON { Output.writeError(reason, fields: fields) }
        Program.end(status, reason)
    }
}
