import Testing

@testable import KVSServer

@Suite("Configuration")
struct ConfigurationTests {
    @Test("Nothing set: a main at 0.0.0.0:8080")
    func defaults() throws {
        let configuration = try Configuration(settings: [:])
        #expect(configuration.host == "0.0.0.0")
        #expect(configuration.port == 8080)
        #expect(configuration.role == .main)
        #expect(configuration.threads >= 1)
    }

    @Test("Empty settings are as good as none")
    func empty() throws {
        let settings = Setting.table.reduce(into: [:]) { $0[$1.variable] = " " }
        #expect(try Configuration(settings: settings).role == .main)
    }

    static let roles: [(isMain: String?, main: String?, isForwarder: Bool)] = [
        (nil, nil, false),
        ("True", nil, false),
        ("1", "10.0.0.20:8080", false),
        ("tRuE", "10.0.0.20:8080", false),
        (nil, "10.0.0.20:8080", true),
        ("False", "10.0.0.20:8080", true),
        ("0", "[::1]:8080", true),
        ("FALSE", "main.example:80", true),
    ]

    @Test("The role follows from ISMAIN and MAINIP", arguments: roles)
    func role(row: (isMain: String?, main: String?, isForwarder: Bool)) throws {
        var settings: [String: String] = ["IP": "127.0.0.1"]
        settings["ISMAIN"] = row.isMain
        settings["MAINIP"] = row.main
        let configuration = try Configuration(settings: settings)
        let expected =
            row.isForwarder
            ? Configuration.Role.forwarder(main: try #require(row.main.flatMap { Endpoint($0) }))
            : .main
        #expect(configuration.role == expected)
    }

    @Test(
        "What means nothing is refused, by name",
        arguments: [
            ("IP", "localhost"), ("IP", "1.2.3"), ("IP", "1.2.3.4.5"), ("IP", "::g"),
            ("PORT", "x"), ("PORT", "-1"), ("PORT", "65536"), ("PORT", "80 80"),
            ("MAINIP", "10.0.0.20"), ("MAINIP", ":8080"), ("MAINIP", "10.0.0.20:0"),
            ("MAINIP", "::1:80"),
            ("MAINIP", "a b:80"), ("MAINIP", "http://a:80"), ("MAINIP", "[1.2.3.4]:80"),
            ("MAINIP", "a:+80"), ("MAINIP", "a: 80"), ("MAINIP", "a:"),
            ("ISMAIN", "yes"), ("ISMAIN", "2"),
            ("KVS_THREADS", "0"), ("KVS_THREADS", "1.5"), ("KVS_THREADS", "99999"),
            ("KVS_CONNECT_TIMEOUT", "0"), ("KVS_CONNECT_TIMEOUT", "-1"),
            ("KVS_CONNECT_TIMEOUT", "1e3"),
            ("KVS_FORWARD_TIMEOUT", "5x"), ("KVS_IDLE_TIMEOUT", "s"),
            ("KVS_REQUEST_TIMEOUT", "25h"),
            ("KVS_REQUEST_TIMEOUT", "1h30"), ("KVS_REQUEST_TIMEOUT", "30m1h"),
            ("KVS_REQUEST_TIMEOUT", "1m1m"),
            ("KVS_REQUEST_TIMEOUT", "1,5s"), ("KVS_REQUEST_TIMEOUT", "1 m"),
            ("KVS_REQUEST_TIMEOUT", "1M"),
            ("KVS_REQUEST_TIMEOUT", "1."), ("KVS_REQUEST_TIMEOUT", "-1h"),
            ("KVS_REQUEST_TIMEOUT", "1h-30m"),
            ("KVS_REQUEST_TIMEOUT", "0.5ms"), ("KVS_REQUEST_TIMEOUT", "1e1s"),
            ("KVS_REQUEST_TIMEOUT", "infs"),
            ("KVS_REQUEST_TIMEOUT", "0x1s"), ("KVS_REQUEST_TIMEOUT", "5\u{FE0F}s"),
            ("KVS_REQUEST_TIMEOUT", "1sm"),
            ("KVS_MAX_MEMORY", "1,5G"), ("KVS_MAX_MEMORY", "1.5.0G"), ("KVS_MAX_MEMORY", "G"),
            ("KVS_MAX_MEMORY", "1.G"), ("KVS_MAX_MEMORY", "1e"), ("KVS_MAX_MEMORY", "1e99"),
            ("KVS_MAX_MEMORY", "64MM"), ("KVS_MAX_MEMORY", "64iB"), ("KVS_MAX_MEMORY", "nan"),
            ("KVS_MAX_MEMORY", "0x100000"), ("KVS_MAX_MEMORY", "64M 1"), ("KVS_MAX_MEMORY", "+64M"),
            ("KVS_MAX_MEMORY", "9223372036854775807"), ("KVS_MAX_MEMORY", "4000000T"),
            ("KVS_MAX_MEMORY", "64X"), ("KVS_MAX_MEMORY", "-1"), ("KVS_MAX_MEMORY", "99999999999T"),
            ("KVS_MAX_MEMORY", "1K"), ("KVS_MAX_CONNECTIONS", "0"),
        ] as [(String, String)]
    )
    func refused(variable: String, text: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(settings: [variable: text])
        }
        #expect(try #require(error).description.hasPrefix(variable + " "))
    }

    @Test(
        "Contradictions are refused, with a line that says what to change",
        arguments: [
            (["ISMAIN": "False"], "ISMAIN=False needs MAINIP=host:port, the address of the main"),
            (
                ["IP": "127.0.0.1", "PORT": "8080", "MAINIP": "127.0.0.1:8080"],
                "MAINIP is the address of this very instance: give that of the main, "
                    + "not '127.0.0.1:8080'"
            ),
            (
                ["IP": "0.0.0.0", "PORT": "8080", "MAINIP": "127.0.0.1:8080"],
                "MAINIP is the address of this very instance: give that of the main, "
                    + "not '127.0.0.1:8080'"
            ),
            (
                ["IP": "::1", "PORT": "80", "MAINIP": "[0:0:0:0:0:0:0:1]:80"],
                "MAINIP is the address of this very instance: give that of the main, "
                    + "not '[0:0:0:0:0:0:0:1]:80'"
            ),
            (
                ["MAINIP": "10.0.0.20:8080", "KVS_FORWARD_TIMEOUT": "30"],
                "KVS_FORWARD_TIMEOUT must be shorter than KVS_REQUEST_TIMEOUT (30.0 seconds), "
                    + "not '30'"
            ),
        ] as [([String: String], String)]
    )
    func contradictions(settings: [String: String], line: String) {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(settings: settings)
        }
        #expect(error?.description == line)
    }

    @Test("A main does not care how long a forwarder would wait, nor where its main would be")
    func noContradiction() throws {
        let settings = [
            "ISMAIN": "1", "MAINIP": "127.0.0.1:8080", "IP": "127.0.0.1", "PORT": "8080",
            "KVS_FORWARD_TIMEOUT": "1h",
        ]
        #expect(try Configuration(settings: settings).role == .main)
    }

    @Test("Times and sizes in all their forms")
    func units() throws {
        let configuration = try Configuration(settings: [
            "KVS_CONNECT_TIMEOUT": "0.5", "KVS_FORWARD_TIMEOUT": "250ms",
            "KVS_REQUEST_TIMEOUT": "2s",
            "KVS_MAX_MEMORY": "64M", "KVS_MAX_BUFFERED": "1GiB", "KVS_MAX_CONNECTIONS": "10",
            "PORT": "0", "IP": "[::1]",
        ])
        #expect(configuration.connectTimeout == .milliseconds(500))
        #expect(configuration.forwardTimeout == .milliseconds(250))
        #expect(configuration.requestTimeout == .seconds(2))
        #expect(configuration.maximumMemoryBytes == 64 << 20)
        #expect(configuration.maximumBufferedBytes == 1 << 30)
        #expect(configuration.maximumConnections == 10)
        #expect(configuration.host == "::1")
    }

    @Test(
        "A time in the units of people, Go and Kubernetes",
        arguments: [
            ("2", 2), ("0.5", 0.5), (".5", 0.5), ("2s", 2), ("500ms", 0.5), ("1m", 60),
            ("2h", 7200), ("1.5h", 5400), ("1h30m", 5400), ("1h0m30s", 3630),
            ("1m30s500ms", 90.5), ("1d", 86_400),
            ("5min", 300), ("30sec", 30), (" 1m\r", 60), ("1ms", 0.001), ("0.001", 0.001),
        ] as [(String, Double)]
    )
    func time(text: String, seconds: Double) throws {
        let configuration = try Configuration(settings: ["KVS_IDLE_TIMEOUT": text])
        #expect(configuration.idleTimeout == .microseconds(Int64(seconds * 1_000_000)))
    }

    @Test(
        "A size in the units of people, docker and Kubernetes",
        arguments: [
            ("1048576", 1 << 20), ("1048577", 1_048_577), ("1024K", 1 << 20), ("512M", 512 << 20),
            ("512m", 512 << 20), ("512Mi", 512 << 20), ("512mi", 512 << 20), ("512MB", 512 << 20),
            ("512MiB", 512 << 20), ("512 MiB", 512 << 20), ("2048Ki", 2 << 20), ("2048kB", 2 << 20),
            ("1.5G", 3 << 29), ("1.5Gi", 3 << 29), (".5G", 1 << 29), ("1T", 1 << 40),
            ("2Ti", 2 << 40),
            ("1e9", 1_000_000_000), ("1E9", 1_000_000_000), ("1.5e9", 1_500_000_000),
            ("1048576b", 1 << 20), (" 1G\r", 1 << 30), ("1.0000001M", 1 << 20),
        ] as [(String, Int)]
    )
    func size(text: String, bytes: Int) throws {
        let configuration = try Configuration(settings: ["KVS_MAX_MEMORY": text])
        #expect(configuration.maximumMemoryBytes == bytes)
    }

    @Test("A value in an error cannot break the line")
    func oneLine() {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(settings: ["PORT": "a\nb\u{1B}[31m"])
        }
        #expect(error?.description.contains("'a?b?[31m'") == true)
    }

    @Test(
        "A main is an address of four decimal numbers, or a name whose end is no number",
        arguments: [
            ("10.0.0.20", true), ("0.0.0.0", true), ("255.255.255.255", true), ("main", true),
            ("localhost", true), ("a.b.c.", true), ("1.a", true), ("10.0.0.20a", true),
            ("kvs_main", true), ("_a._b", true), ("a-b.c--d", true), ("1a", true), ("0xg", true),
            ("a.0x1g", true), ("x0", true), (String(repeating: "a", count: 63) + ".b", true),
            ("256.0.0.1", false), ("999.1.1.1", false), ("010.0.0.20", false), ("00.0.0.1", false),
            ("10.0.20", false), ("10", false), ("1.2.3.4.5", false), ("1.2.3.4.", false),
            ("foo.1", false), ("foo.1.", false), ("0x7f.1", false), ("0X7F", false), ("0x", false),
            ("a.0x", false), ("", false), (".", false), ("a..b", false), (".a", false),
            ("a..", false), ("-a", false), ("a-", false), ("a.-b.c", false), ("a-.b", false),
            (String(repeating: "a", count: 64), false), ("a b", false), ("ä", false),
        ]
    )
    func mainHost(host: String, isTaken: Bool) {
        #expect((Endpoint("\(host):8080")?.host == host) == isTaken)
    }

    @Test("A name has 253 bytes at most, the dot at its end not counted")
    func longestName() {
        let label = String(repeating: "a", count: 63) + "."
        let name = String(repeating: label, count: 3) + String(repeating: "b", count: 61)
        #expect(Endpoint(name + ":80") != nil && Endpoint(name + ".:80") != nil)
        #expect(Endpoint(name + "b:80") == nil && Endpoint(name + "b.:80") == nil)
    }
}
