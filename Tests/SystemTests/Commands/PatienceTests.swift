import Foundation
import Testing

/// What `kvs export` does at a service that has too much to do, or is away for a moment.
@Suite("kvs export with patience", .timeLimit(.minutes(5)))
struct PatienceTests {
    private static let busy = ScriptedMain.reply(
        "503 Service Unavailable",
        body: #"{"msg":"error","error":"too much to do"}"#
    )

    @Test("Calls that have no result are made again, those for pages as well; what lasts is 69")
    func again() throws {
        let seen = Locked<[String: Int]>([:])
        let server = try ScriptedMain { request, connection in
            let count = seen.withLock { seen in
                seen[request.target, default: 0] += 1
                return seen[request.target] ?? 0
            }
            switch (request.target, count) {
            case ("/kvs?limit=1", 1), ("/kvs/a", 1...4), ("/kvs/bad", _):
                connection.write(Self.busy)
            // A read whose connection breaks is repeated by the client itself, once.
            case ("/kvs/b", 1...2): return false
            case ("/kvs?limit=1", _):
                let body = #"{"msg":"success","keys":["a"],"cursor":"c"}"#
                connection.write(ScriptedMain.reply(body: body))
            case ("/kvs?limit=1&prefix=bad", _):
                connection.write(ScriptedMain.reply(body: #"{"msg":"success","keys":["bad"]}"#))
            case (let target, _) where target.hasPrefix("/kvs?"):
                connection.write(ScriptedMain.reply(body: #"{"msg":"success","keys":["b"]}"#))
            default: connection.write(ScriptedMain.value("x"))
            }
            return true
        }
        let run = try CommandRun(["export"], service: server.endpoint)
        #expect(run.status == .exited(0), "\(run.error)")
        let lines = run.output.split(separator: "\n").sorted()
        #expect(lines == [#"{"key":"a","value":"x"}"#, #"{"key":"b","value":"x"}"#])
        let bad = try CommandRun(["export", "bad"], service: server.endpoint)
        #expect(bad.status == .exited(69) && bad.output == "")
        #expect(bad.error == "kvs: error: http://\(server.endpoint): 503: too much to do\n")
        #expect(seen.withLock { $0["/kvs/bad"] } == 5)
    }

    @Test("At a forwarder that holds few values at a time, all are exported")
    func smallForwarder() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_MAX_BUFFERED": "8M"]
        )
        let value = String(repeating: "x", count: 1_572_864)
        for number in 0..<60 {
            let body = Array(value.utf8)
            let put = try CommandRun(["put", "k\(number)"], service: main.endpoint, input: body)
            #expect(put.status == .exited(0))
        }
        let script = #"set -o pipefail; "$0" export | wc -l"#
        let run = try CommandRun(
            command: ["bash", "-c", script, try ServerProcess.Program.kvs.path()],
            service: forwarder.endpoint,
            input: nil,
            within: .seconds(120)
        )
        #expect(run.status == .exited(0) && run.output == "60\n", "\(run.error)")
    }

    @Test("Fewer calls are under way once there were too many")
    func fewerCalls() throws {
        let keys = (0..<400).map { "\"k\($0)\"" }.joined(separator: ",")
        let state = Locked((arrived: 0, present: 0, most: 0))
        let server = try ScriptedMain { request, connection in
            guard request.target.hasPrefix("/kvs/") else {
                connection.write(
                    ScriptedMain.reply(body: "{\"msg\":\"success\",\"keys\":[\(keys)]}")
                )
                return true
            }
            let number = state.withLock { state in
                state.arrived += 1
                if state.arrived > 16 { state.present += 1 }
                state.most = max(state.most, state.present)
                return state.arrived
            }
            // All of the first 16 are under way at a time, and all but four are too many.
            if number <= 16 {
                _ = eventually { state.withLock { $0.arrived >= 16 } }
            }
            if number > 16 {
                // Time for more than there should be, if they come.
                _ = eventually(within: .milliseconds(20)) { state.withLock { $0.most > 8 } }
                state.withLock { $0.present -= 1 }
            }
            connection.write(number <= 12 ? Self.busy : ScriptedMain.value("x"))
            return true
        }
        let run = try CommandRun(["export"], service: server.endpoint)
        #expect(run.status == .exited(0), "\(run.error)")
        #expect(run.output.split(separator: "\n").count == 400)
        #expect(state.withLock { $0.arrived } == 412)
        // Four, and one more for each hundred calls that were well.
        #expect(state.withLock { $0.most } <= 8)
    }

    @Test("A page is asked for beside as many values as there may be at a time")
    func pageBesideValues() throws {
        let state = Locked((values: 0, isReleased: false))
        let server = try ScriptedMain { request, connection in
            var body = #"{"msg":"success","keys":[]}"#
            switch request.target {
            case "/kvs?limit=1": body = #"{"msg":"success","keys":["k"],"cursor":"c1"}"#
            case "/kvs?limit=10000&cursor=c1":
                let keys = (0..<15).map { "\"k\($0)\"" }.joined(separator: ",")
                body = "{\"msg\":\"success\",\"keys\":[\(keys)],\"cursor\":\"c2\"}"
            case "/kvs?limit=10000&cursor=c2":
                guard eventually({ state.withLock { $0.values == 16 } }) else { return false }
                state.withLock { $0.isReleased = true }
            default:
                state.withLock { $0.values += 1 }
                guard eventually({ state.withLock { $0.isReleased } }) else { return false }
                connection.write(ScriptedMain.value("x"))
                return true
            }
            connection.write(ScriptedMain.reply(body: body))
            return true
        }
        let run = try CommandRun(["export", "--timeout", "60"], service: server.endpoint)
        #expect(run.status == .exited(0), "\(run.error)")
        #expect(server.requests.count == 19, "each is asked for once")
    }
}
