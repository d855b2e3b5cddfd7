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
        let settings = Dictionary(uniqueKeysWithValues: Setting.allCases.map { ($0, " ") })
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
        var settings: [Setting: String] = [.host: "127.0.0.1"]
        settings[.isMain] = row.isMain
        settings[.main] = row.main
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
            (.host, "localhost"), (.host, "1.2.3"), (.host, "1.2.3.4.5"), (.host, "::g"),
            (.port, "x"), (.port, "-1"), (.port, "65536"), (.port, "80 80"),
            (.main, "10.0.0.20"), (.main, ":8080"), (.main, "10.0.0.20:0"), (.main, "::1:80"),
            (.main, "a b:80"), (.main, "http://a:80"), (.main, "[1.2.3.4]:80"),
            (.main, "a:+80"), (.main, "a: 80"), (.main, "a:"),
            (.isMain, "yes"), (.isMain, "2"),
            (.threads, "0"), (.threads, "1.5"), (.threads, "99999"),
            (.connectTimeout, "0"), (.connectTimeout, "-1"), (.connectTimeout, "1e3"),
            (.forwardTimeout, "5x"), (.idleTimeout, "s"), (.requestTimeout, "25h"),
            (.requestTimeout, "1h30"), (.requestTimeout, "30m1h"), (.requestTimeout, "1m1m"),
            (.requestTimeout, "1,5s"), (.requestTimeout, "1 m"), (.requestTimeout, "1M"),
            (.requestTimeout, "1."), (.requestTimeout, "-1h"), (.requestTimeout, "1h-30m"),
            (.requestTimeout, "0.5ms"), (.requestTimeout, "1e1s"), (.requestTimeout, "infs"),
            (.requestTimeout, "0x1s"), (.requestTimeout, "5\u{FE0F}s"), (.requestTimeout, "1sm"),
            (.maximumMemory, "1,5G"), (.maximumMemory, "1.5.0G"), (.maximumMemory, "G"),
            (.maximumMemory, "1.G"), (.maximumMemory, "1e"), (.maximumMemory, "1e99"),
            (.maximumMemory, "64MM"), (.maximumMemory, "64iB"), (.maximumMemory, "nan"),
            (.maximumMemory, "0x100000"), (.maximumMemory, "64M 1"), (.maximumMemory, "+64M"),
            (.maximumMemory, "9223372036854775807"), (.maximumMemory, "4000000T"),
            (.maximumMemory, "64X"), (.maximumMemory, "-1"), (.maximumMemory, "99999999999T"),
            (.maximumMemory, "1K"), (.maximumConnections, "0"),
        ] as [(Setting, String)]
    )
    func refused(setting: Setting, text: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(settings: [setting: text])
        }
        #expect(try #require(error).description.hasPrefix(setting.rawValue + " "))
    }

    @Test("Contradictions are refused")
    func contradictions() {
        for settings: [Setting: String] in [
            [.isMain: "False"],
            [.host: "127.0.0.1", .port: "8080", .main: "127.0.0.1:8080"],
            [.host: "0.0.0.0", .port: "8080", .main: "127.0.0.1:8080"],
            [.host: "::1", .port: "80", .main: "[0:0:0:0:0:0:0:1]:80"],
            [.main: "10.0.0.20:8080", .forwardTimeout: "30"],
        ] {
            #expect(throws: ConfigurationError.self) { try Configuration(settings: settings) }
        }
    }

    @Test("Times and sizes in all their forms")
    func units() throws {
        let configuration = try Configuration(settings: [
            .connectTimeout: "0.5", .forwardTimeout: "250ms", .requestTimeout: "2s",
            .maximumMemory: "64M", .maximumBuffered: "1GiB", .maximumConnections: "10",
            .port: "0", .host: "[::1]",
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
        let configuration = try Configuration(settings: [.idleTimeout: text])
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
        let configuration = try Configuration(settings: [.maximumMemory: text])
        #expect(configuration.maximumMemoryBytes == bytes)
    }

    @Test("A value in an error cannot break the line")
    func oneLine() {
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration(settings: [.port: "a\nb\u{1B}[31m"])
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
