import Foundation
import Testing

/// `kvs put`, `get` and `delete`, by the built program.
@Suite("kvs put, get, delete", .sharedServers, .timeLimit(.minutes(10)))
struct ValueCommandTests {
    private static let everyByte = Array(UInt8.min ... .max)
    private static let deployments: [Deployment] = [.direct, .viaForwarder(1)]

    @Test("A value is created, read, replaced and deleted", arguments: deployments)
    func life(deployment: Deployment) throws {
        let service = try ServerUnderTest.shared(deployment).endpoint
        let key = uniqueKey()
        func run(_ arguments: String...) throws -> (ExitStatus?, String, String) {
            let run = try CommandRun(arguments, service: service)
            return (run.status, run.output, run.error)
        }
        let absent = (ExitStatus.exited(1), "", "kvs: error: key does not exist\n")
        #expect(try run("get", key) == absent)
        #expect(try run("delete", key) == absent)
        #expect(try run("put", key, "bart") == (.exited(0), "created\n", ""))
        #expect(try run("get", key) == (.exited(0), "bart", ""))
        #expect(try run("put", key, "lisa") == (.exited(0), "replaced\n", ""))
        #expect(try run("get", key) == (.exited(0), "lisa", ""))
        #expect(try run("put", key, "") == (.exited(0), "replaced\n", ""))
        #expect(try run("get", key) == (.exited(0), "", ""))
        #expect(try run("put", key, "--", "-x") == (.exited(0), "replaced\n", ""))
        #expect(try run("get", key) == (.exited(0), "-x", ""))
        #expect(try run("delete", key) == (.exited(0), "deleted\n", ""))
        #expect(try run("get", key) == absent)
    }

    @Test(
        "Any bytes go in and out unharmed: from stdin, from a file, and by --json",
        arguments: deployments,
        [everyByte, [0], Array("val=a%26b&c=+\r\n".utf8), [], Pattern.bytes(count: 1_572_864)]
    )
    func bytes(deployment: Deployment, value: [UInt8]) throws {
        let service = try ServerUnderTest.shared(deployment).endpoint
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("kvs-value-\(UUID().uuidString)").path
        try Data(value).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        for (arguments, input) in [(["-"], value), ([], value), (["--file", path], nil)] {
            let key = uniqueKey()
            let put = try CommandRun(["put", key] + arguments, service: service, input: input)
            #expect(put.status == .exited(0), "\(put.error)")
            #expect(put.output == "created\n" && put.error == "")
            let get = try CommandRun(["get", key], service: service)
            #expect(get.status == .exited(0) && get.error == "")
            // `==` on the arrays alone: a list of differences would take minutes.
            #expect((get.outputBytes == value) == true)
            let json = try CommandRun(["get", key, "--json"], service: service).json()
            let text = try #require(json["value"] as? String)
            let isEncoded = json["encoding"] as? String == "base64"
            let bytes = isEncoded ? Data(base64Encoded: text) : Data(text.utf8)
            #expect((bytes == Data(value)) == true)
            #expect(isEncoded == (String(validating: value, as: UTF8.self) == nil))
            #expect(json["bytes"] as? Int == value.count)
        }
    }

    @Test("Bytes of an argument that are not UTF-8 are stored as they are")
    func argumentBytes() throws {
        let service = try ServerUnderTest.shared(.direct).endpoint
        let key = uniqueKey()
        let script = #"exec "$0" put "$1" $'a\xff\xfe\xc3'"#
        let program = try ServerProcess.Program.kvs.path()
        let put = try CommandRun(
            command: ["bash", "-c", script, program, key],
            service: service,
            input: nil
        )
        #expect(put.status == .exited(0), "\(put.error)")
        let get = try CommandRun(["get", key], service: service)
        #expect(get.outputBytes == [0x61, 0xff, 0xfe, 0xc3])
    }

    @Test("--json says it all in one object, of an error as well")
    func json() throws {
        let service = try ServerUnderTest.shared(.direct).endpoint
        let key = uniqueKey()
        func run(_ arguments: String...) throws -> NSDictionary {
            try CommandRun(arguments + ["--json"], service: service).json() as NSDictionary
        }
        // `printf b | xxh128sum`, and the same of the other.
        let tags = ["09df70c97cad45facb39345f6d8e37de", "4b2212e31ac97fd4575a0b1c44d8843f"]
        #expect(
            try run("put", key, "a\"\n\u{1}é")
                == ["key": key, "replaced": false, "bytes": 6, "tag": tags[0]]
        )
        #expect(
            try run("put", key, "b")
                == ["key": key, "replaced": true, "bytes": 1, "tag": tags[1]]
        )
        #expect(try run("get", key) == ["key": key, "value": "b", "bytes": 1, "tag": tags[1]])
        #expect(try run("delete", key) == ["key": key, "deleted": true])
        #expect(try run("get", key) == ["error": "key does not exist"])
        #expect(try run("delete", key) == ["error": "key does not exist"])
    }

    @Test("Nothing in JSON steers a terminal, and it means the same")
    func harmlessJSON() throws {
        let service = try ServerUnderTest.shared(.direct).endpoint
        let key = uniqueKey()
        let value = "é\u{7F}\u{80}\u{9B}\u{9F}\u{202E}\u{E0001}\u{1b}\n"
        let put = try CommandRun(["put", key], service: service, input: Array(value.utf8))
        #expect(put.status == .exited(0))
        let get = try CommandRun(["get", key, "--json"], service: service)
        let escapes = #"é\u007f\u0080\u009b\u009f\u202e\udb40\udc01"#
        #expect(get.output.contains("\"value\":\"\(escapes)"))
        #expect(try get.json()["value"] as? String == value)
    }

    @Test("--url wins over KVS_URL, with or without http:// and /kvs")
    func url() throws {
        let service = try ServerUnderTest.shared(.direct).endpoint
        let key = uniqueKey()
        try HTTPClient(service).put(key, "bart").expect(.created)
        let nobody = Endpoint(host: "127.0.0.1", port: 1)
        for url in ["http://\(service)", "http://\(service)/kvs", "\(service)", "\(service)/"] {
            let run = try CommandRun(["get", key, "--url", url], service: nobody)
            #expect(run.status == .exited(0) && run.output == "bart", "\(url): \(run.error)")
        }
    }

    @Test("For people on a terminal: whole lines, and nothing that steers it")
    func terminal() throws {
        let service = try ServerUnderTest.shared(.direct).endpoint
        let key = uniqueKey()
        func run(_ arguments: String...) throws -> String {
            try CommandRun.onTerminal(arguments, service: service).output
        }
        #expect(try run("put", key, "bart") == "created \(key) (4 bytes)\r\n")
        #expect(try run("get", key) == "bart\r\n")
        try HTTPClient(service).put(key, "\u{1b}[2J").expect(.replaced)
        let shown = try run("get", key)
        #expect(shown.hasPrefix("\\u{1B}[2J\r\n") && !shown.contains("\u{1b}"))
        // Written from right to left, the next one; and the C1 control that begins a sequence.
        try HTTPClient(service).put(key, "a\u{202E}b\u{9B}2J\u{2066}").expect(.replaced)
        #expect(try run("get", key).hasPrefix("a\\u{202E}b\\u{009B}2J\\u{2066}\r\n"))
        let family = "👩\u{200D}👧"
        try HTTPClient(service).put(key, family).expect(.replaced)
        #expect(try run("get", key) == "\(family)\r\n")
        try HTTPClient(service)
            .put(key, body: [0x61, 0xff, 0x0a], contentType: "application/octet-stream")
            .expect(.replaced)
        #expect(try run("get", key).hasPrefix("a\\xff\\x0a\r\nkvs: the value is not plain text"))
        #expect(try run("delete", key) == "deleted \(key)\r\n")
        let none = try CommandRun.onTerminal(["put", key], service: service)
        #expect(none.status == .exited(64) && none.output.contains("no value"))
    }

    @Test("Large values have a line on a terminal that says how far it is, and small ones none")
    func progress() throws {
        let service = try ServerUnderTest.shared(.direct).endpoint
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("kvs-value-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for (count, isLarge) in [(1_572_864, true), (1000, false)] {
            try Data(Pattern.bytes(count: count)).write(to: URL(fileURLWithPath: path))
            let key = uniqueKey()
            let shown = try CommandRun.onTerminal(["put", key, "--file", path], service: service)
            #expect(shown.status == .exited(0))
            #expect(shown.output.contains("kvs: 1.5 MiB read") == isLarge)
            #expect(shown.output.contains("\r\u{1b}[K") == isLarge)
            #expect(shown.output.hasSuffix("created \(key) (\(count) bytes)\r\n"))
            let piped = try CommandRun(["put", key, "--file", path], service: service)
            #expect(piped.error == "" && piped.output == "replaced\n")
        }
    }
}
