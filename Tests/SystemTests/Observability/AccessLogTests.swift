import Foundation
import Testing

@Suite("The access log", .timeLimit(.minutes(10)))
struct AccessLogTests {
    /// The lines so far that are of requests; waits until there are as many.
    private static func lines(_ count: Int, of server: ServerProcess) throws -> [String] {
        let lines = server.waitForOutput { output in
            let lines = output.split(separator: "\n").filter {
                $0.contains(" kvs: request ") || $0.contains("\"message\":\"request\"")
            }
            return lines.count >= count ? lines.map(String.init) : nil
        }
        return try #require(lines)
    }

    /// The fields of a line in logfmt whose values have no spaces.
    private static func fields(_ line: String) -> [String: String] {
        var fields: [String: String] = [:]
        for word in line.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }

    @Test("Without the setting there is none")
    func absent() throws {
        let main = try ServerProcess.main()
        _ = try HTTPClient(main.endpoint).get("a")
        main.terminate()
        #expect(main.waitForExit() == .exited(0))
        #expect(!main.standardOutput.contains("/kvs/a"))
    }

    @Test("As text: a line for each request, which says what it was and where the time went")
    func text() throws {
        let main = try ServerProcess.main(["KVS_ACCESS_LOG": "True"])
        let client = HTTPClient(main.endpoint)
        _ = try client.put("a", "secret")
        _ = try client.get("a?x=1", headers: ["X-Request-Id: mine"])
        _ = try WireClient(main.endpoint).exchange("GET /kvs/\"\\ HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try WireClient(main.endpoint).exchange("GET / HTTP/1.1\r\n\r\n")
        let lines = try Self.lines(4, of: main)
        let first = Self.fields(lines[0])
        #expect(
            lines[0].wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info kvs: request .*/)
                != nil
        )
        #expect(first["client"] == "127.0.0.1" && first["method"] == "PUT")
        #expect(first["path"] == "/kvs/a" && first["status"] == "201" && first["bytes"] == "30")
        let whole = Int(first["us"] ?? "") ?? -1
        let parts = ["read_us", "serve_us"].map { Int(first[$0] ?? "") ?? -1 }
        #expect(parts.allSatisfy { $0 >= 0 } && (0...1).contains(whole - parts.reduce(0, +)))
        #expect(Self.fields(lines[1])["id"] == "mine")
        #expect(Self.fields(lines[1])["path"] == #""/kvs/a?x=1""#)
        #expect(lines[2].contains(#"path="/kvs/\"\\""#))
        let refused = Self.fields(lines[3])
        #expect(refused["status"] == "400" && refused["refusal"] == "host_not_unique")
        #expect(refused["path"] == nil && refused["read_us"] == nil)
        #expect(lines.allSatisfy { !$0.contains("secret") })
    }

    @Test("As JSON: each line is an object, those of the program too")
    func json() throws {
        let main = try ServerProcess.main(["KVS_ACCESS_LOG": "1", "KVS_LOG_FORMAT": "json"])
        let client = HTTPClient(main.endpoint)
        _ = try client.head("a", headers: ["X-Request-Id: mine"])
        _ = try WireClient(main.endpoint).exchange("GET /kvs/\"\\ HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try Self.lines(2, of: main)
        main.terminate()
        #expect(main.waitForExit() == .exited(0))
        let objects = try main.standardOutput.split(separator: "\n").map {
            let object = try JSONSerialization.jsonObject(with: Data($0.utf8))
            return try #require(object as? [String: Any])
        }
        #expect(
            objects.map { $0["message"] as? String } == ["ready", "request", "request", "stopped"]
        )
        #expect(objects.allSatisfy { $0["level"] as? String == "info" && $0["time"] is String })
        let request = objects[1]
        #expect(request["id"] as? String == "mine" && request["method"] as? String == "HEAD")
        #expect(request["status"] as? Int == 404 && request["bytes"] as? Int == 44)
        #expect(objects[2]["path"] as? String == #"/kvs/"\"#)
    }

    @Test("Requests that get no reply are told of, without a status")
    func lost() throws {
        let main = try ServerProcess.main(["KVS_ACCESS_LOG": "1"])
        do {
            let wire = try WireClient(main.endpoint)
            try wire.send("GET /kvs/a HTTP/1.1\r\nHo")
            wire.reset()
        }
        let fields = Self.fields(try Self.lines(1, of: main)[0])
        #expect(fields["method"] == "GET" && fields["status"] == nil && fields["path"] == nil)
    }

    @Test("Nobody reads it: requests go on, and what is dropped is counted")
    func unread() throws {
        let pipe = try FullPipe()
        let server = try UnreadServer(["KVS_ACCESS_LOG": "1"], pipe: pipe)
        let client = HTTPClient(server.endpoint)
        try waitUntil("it serves") { (try? client.get("key").status) != nil }
        // 256 KiB wait, and a line has more than a hundred bytes.
        for _ in 0..<4000 { _ = try client.get("key") }
        let dropped = try ScrapedMetrics(server.endpoint)["kvs_log_lines_dropped_total"]
        #expect((1000...4100).contains(dropped))
        #expect(pipe.read(until: "lines were not written, because nobody read them"))
    }

    @Test("What is below the level is left out")
    func level() throws {
        for (level, isSaid) in [("info", true), ("Warning", false)] {
            let pipe = try FullPipe()
            let server = try UnreadServer(["KVS_LOG_LEVEL": level], pipe: pipe)
            let client = HTTPClient(server.endpoint)
            try waitUntil("it serves") { (try? client.get("key").status) != nil }
            pipe.empty()
            server.send(SIGTERM)
            #expect(server.waitForExit() == .exited(0))
            #expect(pipe.empty().contains("stopped") == isSaid)
        }
    }
}
