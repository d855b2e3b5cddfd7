import Foundation
import Testing

/// What `kvs import` does where the main is started anew meanwhile: it has lost what it had.
@Suite("kvs import at a main that is started anew", .timeLimit(.minutes(5)))
struct ImportLifeTests {
    private static let words = "400: the main was started anew meanwhile: run it again"

    private static func lines(_ numbers: Range<Int>) -> [UInt8] {
        numbers.flatMap { Array("{\"key\":\"k\($0)\",\"value\":\"x\"}\n".utf8) }
    }

    /// An import whose lines come bit by bit.
    private final class Import {
        let child: ChildProcess
        private var input: Int32

        init(_ service: Endpoint) throws {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw SystemCallError("pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            defer { close(ends[0]) }
            input = ends[1]
            child = try ChildProcess(
                [try ServerProcess.Program.kvs.path(), "import", "--url", "\(service)"],
                environment: ServerProcess.environment(adding: [:]),
                standardInput: ends[0]
            )
        }

        deinit { close(input) }

        /// The lines are few: the pipe takes them all.
        func write(_ lines: [UInt8]) {
            #expect(Glibc.write(input, lines, lines.count) == lines.count)
        }

        func end() -> ExitStatus? {
            close(input)
            input = -1
            return child.waitForExit()
        }
    }

    private static func hasKeys(_ count: Int, _ service: Endpoint) throws -> Bool {
        try eventually {
            let list = try CommandRun(["list"], service: service)
            return list.output.split(separator: "\n").count == count
        }
    }

    @Test(
        "Wherever that was, with status 0 all lines are there; else it is 69, and says so",
        arguments: [(1, false), (2, false), (5, false), (5, true)]
    )
    func restart(count: Int, isRelayed: Bool) throws {
        let main = try ServerProcess.main()
        let way = isRelayed ? try ServerProcess.forwarder(to: main.endpoint) : main
        let run = try Import(way.endpoint)
        run.write(Self.lines(0..<count))
        #expect(try Self.hasKeys(count, main.endpoint))
        main.kill()
        try main.restart()
        run.write(Self.lines(count..<10))
        let status = run.end()
        let there = try CommandRun(["list"], service: main.endpoint).output.split(separator: "\n")
        if status == .exited(0) {
            #expect(there.count == 10)
        } else {
            #expect(status == .exited(69))
            let end = "10 written, 0 unchanged\n"
            #expect(run.child.standardError.hasSuffix("\(Self.words); \(end)"))
        }
        // Of the first lines the life may not be known yet: they are stored again then.
        if count > 2 { #expect(status == .exited(69), "\(run.child.standardError)") }
        let again = try CommandRun(["import"], service: way.endpoint, input: Self.lines(0..<10))
        #expect(again.status == .exited(0))
        #expect(try Self.hasKeys(10, main.endpoint))
    }

    @Test(
        "A main that was not there when the life was to be looked at: 69, and how many are stored"
    )
    func unchecked() throws {
        let server = try ScriptedMain { request, connection in
            guard request.method == "PUT" else {
                let error = #"{"msg":"error","error":"no lists"}"#
                connection.write(ScriptedMain.reply("400 Bad Request", body: error))
                return true
            }
            let fields = [#"ETag: "5c7401c0ec22eeeeeaf06c6480b2cd11""#]
            connection.write(ScriptedMain.reply("201 Created", fields: fields))
            return true
        }
        let run = try CommandRun(["import"], service: server.endpoint, input: Self.lines(0..<9))
        #expect(run.status == .exited(69))
        let words = "http://\(server.endpoint): 400: no lists; 1 written, 0 unchanged"
        #expect(run.error == "kvs: error: \(words)\n")
    }

    @Test(
        "Lines of one key, and of keys that are gone again, are marked by nothing, and are stored"
    )
    func fewKeys() throws {
        let main = try ServerProcess.main()
        let lines = (0..<20).map { "{\"key\":\"a\",\"value\":\"\($0)\"}\n" }.joined()
        let run = try CommandRun(["import"], service: main.endpoint, input: Array(lines.utf8))
        #expect(run.status == .exited(0) && run.error == "kvs: 20 written, 0 unchanged\n")
        try HTTPClient(main.endpoint).get("a").expect(.value("19"))
        // Lists that never have a cursor.
        let server = try ScriptedMain { request, connection in
            let fields = [#"ETag: "5c7401c0ec22eeeeeaf06c6480b2cd11""#]
            connection.write(
                request.method == "PUT"
                    ? ScriptedMain.reply("201 Created", fields: fields)
                    : ScriptedMain.reply(body: #"{"msg":"success","keys":[]}"#)
            )
            return true
        }
        let empty = try CommandRun(["import"], service: server.endpoint, input: Self.lines(0..<9))
        #expect(empty.status == .exited(0) && empty.error == "kvs: 9 written, 0 unchanged\n")
    }
}
