import Foundation
import Testing

/// A log that nobody read held up all loops, and a stop: each line was written by the thread that had
/// something to say.
@Suite("A log that nobody reads holds up nothing", .timeLimit(.minutes(10)))
struct UnreadLogTests {
    @Test("A main that comes and goes, and a stop", arguments: UnreadServer.Streams.allCases)
    func changingMain(_ full: UnreadServer.Streams) throws {
        let main = try ServerProcess.main()
        let pipe = try FullPipe()
        let forwarder = try UnreadServer(
            ["MAINIP": "\(main.endpoint)", "KVS_FORWARD_TIMEOUT": "300ms"],
            pipe: pipe,
            full: full
        )
        let client = HTTPClient(forwarder.endpoint)
        try waitUntil("it serves") { (try? client.get("key").status) != nil }
        for _ in 0..<11 {
            main.pause()
            try main.waitUntilPaused()
            try client.get("key").expect(.unavailable)
            #expect(try client.send("GET", "/livez").status == 200)
            main.resume()
            try waitUntil("the main is back") { try client.get("key").text.contains("not exist") }
        }
        forwarder.send(SIGTERM)
        #expect(forwarder.waitForExit() == .exited(0))
    }

    @Test("What was queued is written once somebody reads, and the last line at the end")
    func lateReader() throws {
        let pipe = try FullPipe()
        let server = try UnreadServer([:], pipe: pipe, full: .standardOutput)
        let client = HTTPClient(server.endpoint)
        try waitUntil("it serves") { (try? client.get("key").status) != nil }
        #expect(pipe.read(until: "info kvs: ready"))
        server.send(SIGTERM)
        #expect(pipe.read(until: "info kvs: stopped"))
        #expect(server.waitForExit() == .exited(0))
    }

    @Test(
        "The line that says why the start failed is not waited for",
        arguments: UnreadServer.Streams.allCases
    )
    func wrongSetting(_ full: UnreadServer.Streams) throws {
        let pipe = try FullPipe()
        let server = try UnreadServer(["KVS_THREADS": "many"], pipe: pipe, full: full)
        #expect(server.waitForExit() == .exited(78))
    }
}
