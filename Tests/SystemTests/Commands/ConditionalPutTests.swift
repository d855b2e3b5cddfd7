import Foundation
import Testing

/// `kvs put` for a time and under a condition.
@Suite("kvs put --ttl, --if-match", .sharedServers, .timeLimit(.minutes(5)))
struct ConditionalPutTests {
    private static let deployments: [Deployment] = [.direct, .viaForwarder(1)]

    @Test("--if-match: 1 and the present tag where it does not hold", arguments: deployments)
    func ifMatch(deployment: Deployment) throws {
        let service = try ServerUnderTest.shared(deployment).endpoint
        let key = uniqueKey()
        func put(_ value: String, _ tag: String) throws -> CommandRun {
            try CommandRun(["put", key, value, "--if-match", tag], service: service)
        }
        let absent = try put("bart", "*")
        #expect(absent.status == .exited(1) && absent.output == "")
        #expect(absent.error == "kvs: error: precondition failed: the key does not exist\n")
        let created = try CommandRun(["put", key, "bart", "--json"], service: service).json()
        let tag = try #require(created["tag"] as? String)
        #expect(
            try CommandRun(["get", key, "--json"], service: service).json()["tag"] as? String == tag
        )
        #expect(try put("lisa", tag).output == "replaced\n")
        let failed = try put("homer", tag)
        #expect(failed.status == .exited(1) && failed.output == "")
        let json = try CommandRun(
            ["put", key, "homer", "--if-match", tag, "--json"],
            service: service
        )
        #expect(json.status == .exited(1))
        let present = try #require(try json.json()["tag"] as? String)
        #expect(failed.error == "kvs: error: precondition failed: the key has \(present)\n")
        #expect(
            try json.json()["error"] as? String == "precondition failed: the key has \(present)"
        )
        try HTTPClient(service).get(key).expect(.value("lisa"))
        // As a reply's ETag has it, of either form.
        #expect(try put("x", "\"\(present)\"").output == "replaced\n")
        #expect(try put("y", "*").output == "replaced\n")
        let last = try CommandRun(["get", key, "--json"], service: service).json()
        #expect(try put("z", "\(try #require(last["tag"] as? String))-raw").output == "replaced\n")
    }

    @Test("--ttl: the key has that time to live, and a put without it takes it away")
    func timeToLive() throws {
        let service = try ServerUnderTest.shared(.direct).endpoint
        let key = uniqueKey()
        func ttl() throws -> Int? {
            try CommandRun(["get", key, "--json"], service: service).json()["ttl"] as? Int
        }
        let put = try CommandRun(["put", key, "x", "--ttl", "1000"], service: service)
        #expect(put.status == .exited(0) && put.output == "created\n")
        #expect((900...1000).contains(try #require(try ttl())))
        #expect(try CommandRun(["put", key, "x"], service: service).output == "replaced\n")
        #expect(try ttl() == nil)
        let largest = try CommandRun(["put", key, "x", "--ttl", "4294967295"], service: service)
        #expect(largest.status == .exited(0))
    }

    @Test(
        "A time or a tag that is none: 64",
        arguments: [
            ["--ttl", "0"], ["--ttl", "4294967296"], ["--ttl", "-1"], ["--ttl", "1.5"],
            ["--ttl", "soon"], ["--if-match", ""], ["--if-match", "x"],
            ["--if-match", "W/\"5c7401c0ec22eeeeeaf06c6480b2cd11\""], ["--if-match", "\"*\""],
        ]
    )
    func wrongUse(options: [String]) throws {
        let run = try CommandRun(["put", "key", "x"] + options)
        #expect(run.status == .exited(64) && run.output == "" && run.error != "")
    }
}
