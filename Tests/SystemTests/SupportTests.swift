import Glibc
import Testing

/// The tests' own tools, tried without a server.
@Suite("Support")
struct SupportTests {
    @Test("a child's output, exit status and signals are seen")
    func childProcess() throws {
        let child = try ChildProcess(
            ["/bin/sh", "-c", "echo out $WORD; echo err >&2; exit 7"],
            environment: ["WORD": "word"]
        )
        #expect(child.waitForExit() == .exited(7))
        #expect(child.standardOutput == "out word\n")
        #expect(child.standardError == "err\n")
        let sleeper = try ChildProcess(["/bin/sleep", "60"], environment: [:])
        #expect(sleeper.exitStatus == nil)
        sleeper.send(signal: SIGTERM)
        #expect(sleeper.waitForExit() == .signalled(SIGTERM))
    }

    @Test("a child is gone, and reaped, once it is out of scope")
    func scope() throws {
        var sleeper: ChildProcess? = try ChildProcess(["/bin/sleep", "60"], environment: [:])
        let pid = try #require(sleeper?.pid)
        #expect(kill(pid, 0) == 0)
        sleeper = nil
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test(
        "an endpoint is read from host:port and from a URL",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1:80"), ("http://localhost:8080/kvs", "localhost:8080"),
            ("[::1]:9", "[::1]:9"), ("http://[::1]:9/", "[::1]:9"), ("name", "name:8080"),
            ("a:b", nil), (":80", nil), ("[::1", nil), ("a:70000", nil),
        ]
    )
    func endpoint(text: String, expected: String?) {
        #expect(Endpoint(text)?.description == expected)
    }

    @Test("a response head is read field by field")
    func head() throws {
        let text = "HTTP/1.1 404 Not Found\r\nA: 1\r\nB:  two \r\na: 3"
        let response = try WireResponse(parsingHead: text.utf8)
        #expect(response.status == 404 && response.reason == "Not Found")
        #expect(response[header: "a"] == "1, 3" && response[header: "b"] == "two")
        #expect(throws: WireError.self) { try WireResponse(parsingHead: "HTTP/1.1 x".utf8) }
    }
}
