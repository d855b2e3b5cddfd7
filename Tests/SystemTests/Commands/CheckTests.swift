import ContractCases
import Foundation
import Testing

/// `kvs check`, against servers that keep the contract and others that do not.
@Suite("kvs check", .timeLimit(.minutes(10)))
struct CheckTests {
    /// What was put and not deleted behind that.
    private static func left(at server: ScriptedMain) -> Set<Substring> {
        var written: Set<Substring> = []
        for request in server.requests {
            let path = request.target.prefix { $0 != "?" }
            if request.method == "PUT" { written.insert(path) }
            if request.method == "DELETE" { written.remove(path) }
        }
        return written
    }

    @Test("A main and its forwarders keep the contract, alone and together")
    func good() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let urls = ["http://\(main.endpoint)", "\(forwarder.endpoint)/kvs"]
        let run = try CommandRun(["check", "--exact"] + urls)
        #expect(run.status == .exited(0), "\(run.output)")
        #expect(run.error == "")
        let rows = run.output.split(separator: "\n").filter { $0.hasPrefix("ok ") }
        #expect(!run.output.contains("FAIL"))
        #expect(run.output.hasSuffix("\n\(rows.count) lines, 0 failed\n"))
        #expect(run.output.contains("\nhttp://\(forwarder.endpoint)\n"))
        for item in ContractCases.contract + ContractCases.beyond {
            let own = rows.filter { $0.contains("  \(item.name): ") }
            // The column's width.
            #expect(own.count >= 2 || item.name.count > 30, "\(item.name) was asked of both")
        }
        for table in BodyCases.all {
            #expect(rows.contains { $0.contains(" \(table.cases.count) bodies") })
        }
        let few = try CommandRun(["check", "--contract-only", urls[0]])
        #expect(few.status == .exited(0))
        #expect(!few.output.contains("bodies") && few.output.contains("a value of 1.5 MiB: GET"))
    }

    @Test("A forwarder whose main is away: right with --main-down, wrong without, and the reverse")
    func mainDown() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let url = "http://\(forwarder.endpoint)"
        #expect(try CommandRun(["check", "--main-down", url]).status == .exited(1))
        main.kill()
        let down = try CommandRun(["check", "--exact", "--main-down", url])
        #expect(down.status == .exited(0), "\(down.output)")
        #expect(down.output.contains("service is not available"))
        let up = try CommandRun(["check", url])
        #expect(up.status == .exited(1))
        #expect(up.output.contains("\nFAIL  a new key: PUT "))
        // The main's address answers nothing, the forwarder's does.
        let both = try CommandRun(["check", "--main-down", "http://\(main.endpoint)", url])
        #expect(both.status == .exited(1))
        #expect(both.output.contains("no answer: connect: Connection refused"))
    }

    @Test("Nothing answers: 69")
    func nothing() throws {
        let run = try CommandRun(["check", "http://127.0.0.1:1", "http://127.0.0.1:2"])
        #expect(run.status == .exited(69))
        #expect(run.error == "kvs: error: nothing answers\n")
    }

    @Test("Each key that it writes it deletes, whatever came of the write")
    func keys() throws {
        let server = try ScriptedMain { request, connection in
            connection.write(ScriptedMain.reply())
            return request.method != "HEAD"
        }
        let run = try CommandRun(["check", "http://\(server.endpoint)"])
        #expect(run.status == .exited(1))
        #expect(run.error == "")
        #expect(server.requests.contains { $0.method == "PUT" })
        #expect(Self.left(at: server).isEmpty)
        #expect(
            server.requests.allSatisfy { request in
                let word = request.target.lowercased()
                return request.method != "PUT" || word.hasPrefix("/kvs/check_") || word == "/kvs/"
                    || word.hasPrefix("/kvs/%63heck_")
            }
        )
    }

    @Test(
        "JSON in another form is enough, but not with --exact",
        arguments: [(false, Int32(0)), (true, 1)]
    )
    func exact(isExact: Bool, status: Int32) throws {
        let body = #"{ "error": "service is not av\u0061ilable", "msg": "error" }"#
        let server = try ScriptedMain { _, connection in
            connection.write(ScriptedMain.reply("404 Not Found", body: body))
            return true
        }
        let arguments = ["check", "--main-down", "--contract-only", "http://\(server.endpoint)"]
        let run = try CommandRun(arguments + (isExact ? ["--exact"] : []))
        #expect(run.status == .exited(status), "\(run.output)")
    }

    @Test("It fails where a server breaks one line: a value without its last byte")
    func broken() throws {
        // A forwarder's main that answers all as the contract has it, but GET.
        let server = try ScriptedMain { request, connection in
            switch request.method {
            case "PUT":
                connection.write(
                    ScriptedMain.reply("201 Created", body: #"{"replaced":0,"msg":"success"}"#)
                )
            default:
                connection.write(ScriptedMain.reply(body: #"{"msg":"success","value":"bar"}"#))
            }
            return true
        }
        let run = try CommandRun(["check", "--contract-only", "http://\(server.endpoint)"])
        #expect(run.status == .exited(1))
        #expect(run.output.contains("\nok    a new key: PUT "))
        #expect(run.output.contains("\nFAIL  a new key: GET "))
    }
}
