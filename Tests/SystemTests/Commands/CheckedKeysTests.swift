import Foundation
import Testing

/// What `kvs check` has written it deletes, however it ends; where that is not certain, it names the key.
@Suite("Keys of kvs check", .timeLimit(.minutes(5)))
struct CheckedKeysTests {
    private static let created = ScriptedMain.reply(
        "201 Created",
        body: #"{"replaced":0,"msg":"success"}"#
    )

    /// A server whose first PUT waits for `goOn` before it is answered.
    private struct WaitingServer {
        let server: ScriptedMain
        let arrived = DispatchSemaphore(value: 0)
        let goOn = DispatchSemaphore(value: 0)

        init() throws {
            let isFirst = Locked(true)
            let (arrived, goOn) = (arrived, goOn)
            server = try ScriptedMain { request, connection in
                guard request.method == "PUT" else {
                    connection.write(ScriptedMain.reply())
                    return true
                }
                let waits = isFirst.withLock { first in
                    defer { first = false }
                    return first
                }
                if waits {
                    arrived.signal()
                    goOn.wait()
                }
                connection.write(CheckedKeysTests.created)
                return true
            }
        }

        func check() throws -> ChildProcess {
            try ChildProcess(
                [try ServerProcess.Program.kvs.path(), "check", "http://\(server.endpoint)"],
                environment: ServerProcess.environment(adding: [:])
            )
        }
    }

    /// The lines that name what may be left.
    private static func named(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter {
            $0.hasPrefix("kvs: check: not certain that it is gone: ")
        }
    }

    /// Keys stayed that such a server had stored for a POST, and for a target with its query.
    @Test("Another implementation that stores for any method, and under any target, keeps nothing")
    func otherImplementation() throws {
        let stored = Locked<Set<String>>([])
        let server = try ScriptedMain { request, connection in
            stored.withLock { stored in
                switch request.method {
                case "GET", "HEAD", "OPTIONS": break
                case "DELETE": stored.remove(request.target)
                default: stored.insert(request.target)
                }
            }
            connection.write(Self.created)
            return true
        }
        let run = try CommandRun(["check", "http://\(server.endpoint)"])
        #expect(run.status == .exited(1))
        let targets = server.requests.filter { $0.method == "PUT" || $0.method == "POST" }
        #expect(targets.contains { $0.target.contains("?") && $0.method == "PUT" })
        #expect(targets.contains { $0.method == "POST" })
        #expect(stored.withLock { $0 } == [], "\(run.error)")
    }

    @Test(
        "A signal while a PUT waits: its reply is waited for, and the key is deleted behind it",
        arguments: [SIGINT, SIGTERM, SIGHUP]
    )
    func signal(number: Int32) throws {
        let waiting = try WaitingServer()
        let child = try waiting.check()
        waiting.arrived.wait()
        child.send(signal: number)
        // Noted, and it waits on: a check that does not would have gone by itself.
        waiting.goOn.signal()
        #expect(child.waitForExit() == .exited(128 + number), "\(child.standardError)")
        #expect(child.standardError == "")
        let requests = waiting.server.requests
        let put = try #require(requests.firstIndex { $0.method == "PUT" })
        let delete = requests.lastIndex {
            $0.method == "DELETE" && $0.target == requests[put].target
        }
        #expect(try #require(delete) > put)
        #expect(requests.filter { $0.method == "PUT" }.count == 1)
    }

    @Test("A PUT that is not answered after a signal: the key is asked to be deleted")
    func unanswered() throws {
        let waiting = try WaitingServer()
        let child = try waiting.check()
        waiting.arrived.wait()
        child.send(signal: SIGINT)
        #expect(child.waitForExit() == .exited(130), "\(child.standardError)")
        waiting.goOn.signal()
        let put = try #require(waiting.server.requests.first { $0.method == "PUT" })
        #expect(
            waiting.server.requests.contains { $0.method == "DELETE" && $0.target == put.target }
        )
    }

    @Test("A server that is stopped: neither is answered, and the key is named")
    func stopped() throws {
        let (arrived, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let server = try ScriptedMain { request, connection in
            if request.method == "PUT" { arrived.signal() }
            if request.method == "PUT" || arrived.wait(timeout: .now()) == .success {
                arrived.signal()
                goOn.wait()
                return false
            }
            connection.write(ScriptedMain.reply())
            return true
        }
        let child = try ChildProcess(
            [try ServerProcess.Program.kvs.path(), "check", "http://\(server.endpoint)"],
            environment: ServerProcess.environment(adding: [:])
        )
        arrived.wait()
        arrived.signal()
        child.send(signal: SIGINT)
        #expect(child.waitForExit() == .exited(130))
        for _ in 0..<8 { goOn.signal() }
        let put = try #require(server.requests.first { $0.method == "PUT" })
        let line =
            "kvs: check: not certain that it is gone: "
            + "\(put.target.dropFirst("/kvs/".count)) at http://\(server.endpoint)\n"
        #expect(child.standardError == line)
    }

    @Test(
        "A DELETE that fails is tried once more at the end, and else the key is named",
        arguments: [
            // What PUT says of its outcome, how many DELETEs fail, and how many keys are named.
            ("KVS-Outcome: unknown", Int.max, 1), ("KVS-Outcome: unknown", 1, 0),
            ("X: y", .max, 1), ("KVS-Outcome: not-sent", .max, 0),
        ]
    )
    func deleteFails(outcome: String, failures: Int, named: Int) throws {
        let body = #"{"msg":"error","error":"service is not available"}"#
        let count = Locked(0)
        let server = try ScriptedMain { request, connection in
            // The case has a DELETE of its own.
            let isWell =
                request.method == "DELETE"
                && count.withLock { count in
                    count += 1
                    return count - 1 > failures
                }
            connection.write(
                isWell
                    ? ScriptedMain.reply()
                    : ScriptedMain.reply("404 Not Found", fields: [outcome], body: body)
            )
            return true
        }
        let url = "http://\(server.endpoint)"
        let run = try CommandRun(["check", "--main-down", "--contract-only", url])
        #expect(run.status == .exited(0), "\(run.output)")
        #expect(Self.named(run.error).count == named, "\(run.error)")
        if named == 1 {
            let put = try #require(server.requests.first { $0.method == "PUT" })
            let key = put.target.dropFirst("/kvs/".count)
            #expect(run.error == "kvs: check: not certain that it is gone: \(key) at \(url)\n")
        }
    }

    @Test("Who reads the table goes away: the keys are deleted, and the check ends by SIGPIPE")
    func reader() throws {
        let main = try ServerProcess.main()
        let script = #""$0" check "$1" | head -n 6 >/dev/null; exit "${PIPESTATUS[0]}""#
        let run = try CommandRun(
            command: [
                "bash", "-c", script, try ServerProcess.Program.kvs.path(),
                "http://\(main.endpoint)",
            ],
            service: nil,
            input: nil
        )
        #expect(run.status == .exited(128 + SIGPIPE))
        #expect(run.error == "")
        let text = try HTTPClient(main.endpoint).send("GET", "/metrics").body
        #expect(String(decoding: text, as: UTF8.self).contains("\nkvs_store_keys 0\n"))
    }

    @Test("The disk is full in the middle of the table: the keys are deleted, and the status is 74")
    func full() throws {
        let main = try ServerProcess.main()
        // A file that may not grow is an error of write(2), as a full disk is: SIGXFSZ does not end a check.
        let script = #"""
            ulimit -f 1; "$0" check "$1" >"$2"
            """#
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("kvs-table-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let run = try CommandRun(
            command: [
                "bash", "-c", script, try ServerProcess.Program.kvs.path(),
                "http://\(main.endpoint)", path,
            ],
            service: nil,
            input: nil
        )
        #expect(run.status == .exited(74))
        #expect(run.error == "kvs: error: cannot write to stdout: File too large\n")
        let text = try HTTPClient(main.endpoint).send("GET", "/metrics").body
        #expect(String(decoding: text, as: UTF8.self).contains("\nkvs_store_keys 0\n"))
    }
}
