import Glibc
import KVSServer
import Testing

/// The program with settings that it can serve.
@Suite("Start", .timeLimit(.minutes(10)))
struct StartTests {
    @Test("the start-up line says versions, role, address and threads")
    func startUpLine() throws {
        let main = try ServerProcess(["KVS_THREADS": "3"])
        let lines = main.standardOutput.split(separator: "\n").filter { $0.contains("url=") }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.contains("url=http://\(main.endpoint)/kvs"))
        #expect(line.contains("role=main") && line.contains("threads=3"))
        #expect(line.hasSuffix(" version=\(KVSServer.version)") && line.contains("libevent=2.1."))
        #expect(main.standardError == "")
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        #expect(forwarder.standardOutput.contains("role=forwarder"))
    }

    @Test("IPv6 addresses work")
    func ipv6() throws {
        let server = try ServerProcess(ip: "::1")
        #expect(server.endpoint.host == "::1")
        #expect(server.standardOutput.contains("url=http://[::1]:\(server.endpoint.port)/kvs"))
        let client = HTTPClient(server.endpoint)
        try client.put("key", "bart").expect(.created)
        try client.get("key").expect(.value("bart"))
    }

    @Test("it serves at the address it is given, and at no other")
    func otherAddress() throws {
        let server = try ServerProcess(ip: "127.0.0.7")
        #expect(server.endpoint.host == "127.0.0.7")
        try HTTPClient(server.endpoint).get("key").expect(.missing)
        let elsewhere = Endpoint(host: "127.0.0.8", port: server.endpoint.port)
        #expect(throws: SystemCallError("connect \(elsewhere)", code: ECONNREFUSED)) {
            try WireClient(elsewhere)
        }
    }

    @Test("flags win over the environment")
    func flags() throws {
        let server = try ServerProcess(
            ["IP": "nowhere", "PORT": "nothing", "KVS_THREADS": "none", "ISMAIN": "False"],
            arguments: ["--ip", "127.0.0.3", "--port=0", "--threads", "2", "--is-main", "True"]
        )
        #expect(server.endpoint.host == "127.0.0.3")
        #expect(server.standardOutput.contains("threads=2"))
        try HTTPClient(server.endpoint).put("key", "bart").expect(.created)
    }

    @Test(
        "ISMAIN in any case, and 1, make a main",
        arguments: ["True", "true", "TRUE", "tRuE", "1"]
    )
    func isMain(value: String) throws {
        // A main has no use for MAINIP, whatever it is.
        let server = try ServerProcess(["ISMAIN": value, "MAINIP": "127.0.0.1:1"])
        try HTTPClient(server.endpoint).put("key", "bart").expect(.created)
        #expect(server.standardOutput.contains("role=main"))
    }

    @Test(
        "MAINIP with ISMAIN false, or alone, makes a forwarder",
        arguments: ["False", "false", "FALSE", "0", nil]
    )
    func isForwarder(value: String?) throws {
        let main = try ServerProcess.main()
        var environment = ["MAINIP": main.endpoint.description]
        environment["ISMAIN"] = value
        let forwarder = try ServerProcess(environment)
        #expect(forwarder.standardOutput.contains("role=forwarder"))
        try HTTPClient(forwarder.endpoint).put("key", "bart").expect(.created)
        try HTTPClient(main.endpoint).get("key").expect(.value("bart"))
    }

    @Test("a main by name and by IPv6 address")
    func mainAddresses() throws {
        let main = try ServerProcess.main()
        let named = try ServerProcess.forwarder(
            to: Endpoint(host: "localhost", port: main.endpoint.port)
        )
        try HTTPClient(named.endpoint).put("key", "bart").expect(.created)
        try HTTPClient(main.endpoint).get("key").expect(.value("bart"))
        let main6 = try ServerProcess(ip: "::1")
        let forwarder6 = try ServerProcess.forwarder(to: main6.endpoint)
        try HTTPClient(forwarder6.endpoint).put("key", "lisa").expect(.created)
        try HTTPClient(main6.endpoint).get("key").expect(.value("lisa"))
    }

    @Test("durations and sizes in each way to write them")
    func units() throws {
        let server = try ServerProcess([
            "KVS_CONNECT_TIMEOUT": "500ms", "KVS_FORWARD_TIMEOUT": "2",
            "KVS_REQUEST_TIMEOUT": "10s", "KVS_IDLE_TIMEOUT": "7.5",
            "KVS_SHUTDOWN_TIMEOUT": "0.5s", "KVS_MAX_MEMORY": "64M", "KVS_MAX_BUFFERED": "1G",
            "KVS_MAX_CONNECTIONS": "100", "KVS_FORWARD_CONNECTIONS": "4",
        ])
        try HTTPClient(server.endpoint).put("key", "bart").expect(.created)
    }

    @Test(
        "a fatal signal is told in one line, and still ends the program as such",
        // Of the others sanitizers make reports.
        arguments: [(SIGILL, "SIGILL"), (SIGTRAP, "SIGTRAP")]
    )
    func fatalSignal(signal: Int32, name: String) throws {
        // Swift's backtracer would make a report of its own.
        let server = try ServerProcess(["SWIFT_BACKTRACE": "enable=no"])
        server.send(signal: signal)
        #expect(server.waitForExit() == .signalled(signal))
        #expect(server.standardError.hasPrefix("kvs: error: \(name): "))
        #expect(server.standardError.split(separator: "\n").count == 1)
    }

    @Test("a server started again at its address is empty, and serves at once")
    func restart() throws {
        let server = try ServerProcess.main()
        let client = HTTPClient(server.endpoint)
        for _ in 0..<3 {
            try client.put("key", "bart").expect(.created)
            try server.restart()
            try client.get("key").expect(.missing)
        }
    }
}
