import Glibc
import Testing

/// The servers of one deployment, started and ready.
final class ServerUnderTest: Sendable {
    /// Where clients connect.
    let endpoint: Endpoint
    /// The main first, then the forwarders; empty where the server is an external one.
    let processes: [ServerProcess]

    /// - Parameter environment: Settings for every instance.
    init(_ deployment: Deployment, _ environment: [String: String] = [:]) throws {
        switch deployment {
        case .external(let endpoint):
            self.endpoint = endpoint
            processes = []
        case .direct:
            let main = try ServerProcess.main(environment)
            endpoint = main.endpoint
            processes = [main]
        case .viaForwarder(let count):
            var row = [try ServerProcess.main(environment)]
            for _ in 0..<count {
                row.append(try .forwarder(to: row[row.count - 1].endpoint, environment))
            }
            endpoint = row[row.count - 1].endpoint
            processes = row
        case .viaNarrowForwarder:
            let main = try ServerProcess.main(environment)
            let narrow = ["KVS_THREADS": "1", "KVS_FORWARD_CONNECTIONS": "2"]
            let settings = environment.merging(narrow) { $1 }
            processes = [main, try .forwarder(to: main.endpoint, settings)]
            endpoint = processes[1].endpoint
        }
    }

    func client(timeout: Duration = WireClient.patience) -> HTTPClient {
        HTTPClient(endpoint, timeout: timeout)
    }

    func wire(timeout: Duration = WireClient.patience) throws -> WireClient {
        try WireClient(endpoint, timeout: timeout)
    }

    /// Stops every instance, outermost first, and records what was not clean about its life.
    func stop() {
        for process in processes.reversed() {
            process.terminate()
            let status = process.waitForExit()
            #expect(status == .exited(0), "\(process.endpoint) after SIGTERM")
            #expect(process.standardError == "", "\(process.endpoint) wrote to stderr")
        }
    }
}

extension ServerUnderTest {
    /// The server of this deployment that the tests of a suite with the trait `.sharedServers` have
    /// in common. Started when it is first asked for.
    static func shared(_ deployment: Deployment) throws -> ServerUnderTest {
        guard let pool else {
            preconditionFailure("a suite that shares servers needs the trait .sharedServers")
        }
        return try pool.server(deployment)
    }

    @TaskLocal fileprivate static var pool: ServerPool?
}

/// The servers that the tests of one suite share.
private final class ServerPool: Sendable {
    private let servers = Locked<[Deployment: ServerUnderTest]>([:])
    private let environment: [String: String]

    init(environment: [String: String]) {
        self.environment = environment
    }

    func server(_ deployment: Deployment) throws -> ServerUnderTest {
        try servers.withLock { servers in
            if let server = servers[deployment] { return server }
            let server = try ServerUnderTest(deployment, environment)
            servers[deployment] = server
            return server
        }
    }

    func stop() {
        for server in servers.withLock({ Array($0.values) }) {
            server.stop()
        }
    }
}

/// Lets a suite's tests share servers, and checks after the last test that each of them is still
/// there, ends with status 0 on SIGTERM, and never wrote a line to stderr.
struct SharedServers: SuiteTrait, TestScoping {
    /// Settings for every instance.
    var environment: [String: String] = [:]

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let pool = ServerPool(environment: environment)
        try await ServerUnderTest.$pool.withValue(pool) { try await function() }
        pool.stop()
    }
}

extension Trait where Self == SharedServers {
    /// The suite's tests share one server per deployment.
    static var sharedServers: Self { SharedServers() }

    /// The same, with settings for every instance.
    static func sharedServers(_ environment: [String: String]) -> Self {
        SharedServers(environment: environment)
    }
}
