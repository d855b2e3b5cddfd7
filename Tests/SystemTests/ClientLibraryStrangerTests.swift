import KVSClient
import Testing

/// The client library, where what answers is no kvs, or an old one.
@Suite("KVSClient at strangers", .timeLimit(.minutes(5)))
struct ClientLibraryStrangerTests {
    /// `printf x | xxh128sum`, and the same of y.
    private static let tagOfX = "5c7401c0ec22eeeeeaf06c6480b2cd11"
    private static let tagOfY = "d89f1c4509f3b233272b57e6d7c0a9e5"
    private static let failed = #"{"msg":"error","error":"precondition failed"}"#

    /// Calls a server that has one reply for all.
    private static func call<Result>(
        at reply: String,
        _ call: (KVSClient) async throws -> Result
    ) async throws -> Result {
        let main = try ScriptedMain { _, connection in
            connection.write(reply)
            return true
        }
        let client = try KVSClient("http://\(main.endpoint)")
        defer { client.close() }
        return try await call(client)
    }

    @Test(
        "Keys that are none, or not of the prefix, and cursors that are none are no list",
        arguments: [
            #"["p\u001b[2J"]"#, #"["p\",\"b"]"#, #"["p\nb"]"#, #"["../p"]"#, #"[""]"#, #"["pé"]"#,
            #"["other"]"#, #"["p","other"]"#, "[\"\(String(repeating: "p", count: 251))\"]",
            #"["p"],"cursor":"""#, "[\"p\"],\"cursor\":\"\(String(repeating: "c", count: 1025))\"",
        ]
    )
    func lists(keys: String) async throws {
        let body = "{\"msg\":\"success\",\"keys\":\(keys)}"
        let words = "what answers has no lists of keys"
        await #expect(throws: KVSClientError.refused(status: 200, message: words)) {
            try await Self.call(at: ScriptedMain.reply(body: body)) {
                try await $0.keys(prefix: "p")
            }
        }
    }

    @Test("The longest key and cursor are taken")
    func longest() async throws {
        let page = KeyPage(
            keys: [String(repeating: "p", count: 250)],
            cursor: String(repeating: "c", count: 1024)
        )
        let body =
            "{\"msg\":\"success\",\"keys\":[\"\(page.keys[0])\"],\"cursor\":\"\(page.cursor ?? "")\"}"
        let found = try await Self.call(at: ScriptedMain.reply(body: body)) {
            try await $0.keys(prefix: "p")
        }
        #expect(found == page)
    }

    @Test(
        "What is no value, or has a time to live that is none, is not taken for one",
        arguments: [
            ScriptedMain.reply(body: #"{"msg":"success","value":"v"}"#),
            ScriptedMain.value("v", fields: ["KVS-TTL: 0"]),
            ScriptedMain.value("v", fields: ["KVS-TTL: soon"]),
            ScriptedMain.value("v", fields: ["KVS-TTL: 4294967296"]),
            ScriptedMain.value("v", fields: ["KVS-TTL: 5", "KVS-TTL: 5"]),
            ScriptedMain.value("v", fields: ["KVS-TTL: soon", "KVS-TTL: 5"]),
            ScriptedMain.value(String(repeating: "v", count: 1_572_865)),
        ]
    )
    func values(reply: String) async throws {
        let error = KVSClientError.refused(status: 200, message: "what answers is no kvs")
        await #expect(throws: error) { try await Self.call(at: reply) { try await $0.get("key") } }
    }

    @Test("Any octet-stream is a value, with a weak tag and the longest time to live as well")
    func value() async throws {
        let fields = ["ETag: W/\"\(Self.tagOfX)-raw\"", "KVS-TTL: 4294967295"]
        let reply = ScriptedMain.reply(
            fields: fields,
            type: "Application/Octet-Stream; x=y",
            body: "x"
        )
        let stored = try await Self.call(at: reply) { try await $0.storedValue(of: "key") }
        let tag = try #require(ValueTag(Self.tagOfX))
        #expect(stored == StoredValue(bytes: [0x78], tag: tag, secondsToLive: .max))
    }

    @Test("A 412 counts only where a condition was sent, which it fits, and a kvs has sent it")
    func conditionFailures() async throws {
        let (x, y) = (try #require(ValueTag(Self.tagOfX)), try #require(ValueTag(Self.tagOfY)))
        func result(
            _ condition: Condition?,
            _ tag: ValueTag?,
            _ body: String = Self.failed
        ) async throws -> PutResult? {
            let fields = tag.map { ["ETag: \"\($0)\""] } ?? []
            let reply = ScriptedMain.reply("412 X", fields: fields, body: body)
            do {
                return try await Self.call(at: reply) {
                    try await $0.put("key", [0x78], secondsToLive: nil, if: condition)
                }
            } catch KVSClientError.refused(412, _) {
                return nil
            }
        }
        let present = [.isAbsent, .matches(y), .differs(from: x)] as [Condition]
        for condition in present {
            #expect(try await result(condition, x) == .conditionFailed(present: x))
            #expect(try await result(condition, x, #"{"error":"no"}"#) == nil)
            #expect(try await result(condition, x, "no") == nil)
        }
        for condition in [.exists, .matches(x)] as [Condition] {
            #expect(try await result(condition, nil) == .conditionFailed(present: nil))
            #expect(try await result(condition, x) == nil)
        }
        #expect(try await result(.isAbsent, nil) == nil)
        #expect(try await result(.differs(from: x), y) == nil)
        #expect(try await result(.differs(from: x), nil) == nil)
        #expect(try await result(nil, x) == nil)
    }

    @Test("A server that knows no conditions and no times to live has not done what was asked")
    func old() async throws {
        for status in [200, 201] {
            let reply = ScriptedMain.reply("\(status) X")
            func put(_ ttl: UInt32?, _ condition: Condition?) async throws -> PutResult {
                try await Self.call(at: reply) {
                    try await $0.put("key", [1], secondsToLive: ttl, if: condition)
                }
            }
            let words = "what answers knows no conditions and no times to live"
            let error = KVSClientError.refused(status: status, message: words)
            await #expect(throws: error) { try await put(5, nil) }
            await #expect(throws: error) { try await put(nil, .isAbsent) }
            #expect(try await put(nil, nil) == .stored(isReplaced: status == 200, tag: nil))
        }
    }
}
