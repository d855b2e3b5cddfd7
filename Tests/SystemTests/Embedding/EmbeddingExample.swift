import KVSClient
import KVSServer
import Logging
import ServiceLifecycle

// What the article Embedding.md of KVSServer shows: the lines between the two markers, word for word.

// begin of Embedding.md
/// Runs a main and a forwarder in this process, puts a value through the forwarder, and reads it.
func putThroughForwarder(_ value: [UInt8]) async throws -> [UInt8]? {
    let logger = Logger(label: "kvs")

    var configuration = Configuration()
    configuration.host = "127.0.0.1"
    configuration.port = 0
    configuration.threads = 1
    let main = try KVSServer(configuration: configuration, logger: logger)

    let settings = [
        "IP": "127.0.0.1", "PORT": "0", "KVS_THREADS": "1", "MAINIP": main.address,
    ]
    let forwarder = try KVSServer(
        configuration: Configuration(settings: settings),
        logger: logger
    )

    // The last one is stopped first: the forwarder, while it still has its main.
    let group = ServiceGroup(services: [main, forwarder], logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }

        let client = try KVSClient("http://\(forwarder.address)")
        defer { client.close() }
        try await client.put("greeting", value)
        let found = try await client.get("greeting")

        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return found
    }
}
// end of Embedding.md
