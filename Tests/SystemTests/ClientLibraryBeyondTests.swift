import KVSClient
import TestSupport
import Testing

/// Tags, conditions, lists and times to live, by the client library against the program.
@Suite("KVSClient beyond the contract", .timeLimit(.minutes(5)))
struct ClientLibraryBeyondTests {
    private static let deployments: [Deployment] = [.direct, .viaForwarder(1)]
    /// `printf x | xxh128sum`, and the same of y.
    private static let tagOfX = "5c7401c0ec22eeeeeaf06c6480b2cd11"
    private static let tagOfY = "d89f1c4509f3b233272b57e6d7c0a9e5"

    @Test("A value comes with its tag and its time to live", arguments: deployments)
    func storedValue(deployment: Deployment) async throws {
        let server = try ServerUnderTest(deployment)
        defer { server.stop() }
        let client = try KVSClient("http://\(server.endpoint)")
        defer { client.close() }
        #expect(try await client.storedValue(of: "key") == nil)
        let tag = try #require(ValueTag(Self.tagOfX))
        let put = try await client.put("key", [0x78], secondsToLive: 1000)
        #expect(put == .stored(isReplaced: false, tag: tag))
        let stored = try #require(try await client.storedValue(of: "key"))
        #expect(stored.bytes == [0x78] && stored.tag == tag)
        #expect((900...1000).contains(try #require(stored.secondsToLive)))
        #expect(try await client.put("key", [0x78]), "without a time to live it stays")
        let expected = StoredValue(bytes: [0x78], tag: tag)
        #expect(try await client.storedValue(of: "key") == expected)
        await #expect(throws: KVSClientError.self) {
            try await client.put("key", [], secondsToLive: 0)
        }
        let longest = try await client.put("key", [], secondsToLive: .max)
        guard case .stored(true, _) = longest else {
            Issue.record("\(longest)")
            return
        }
    }

    @Test("A key is gone when its time is over")
    func expiry() async throws {
        let main = try ServerProcess.main()
        defer { main.kill() }
        let client = try KVSClient("http://\(main.endpoint)")
        defer { client.close() }
        _ = try await client.put("key", [1], secondsToLive: 1)
        let end = ContinuousClock.now + .seconds(20)
        while try await client.get("key") != nil, ContinuousClock.now < end {}
        #expect(try await client.get("key") == nil)
        #expect(try await client.keys().keys == [])
    }

    @Test("A put is done only where its condition holds", arguments: deployments)
    func conditions(deployment: Deployment) async throws {
        let server = try ServerUnderTest(deployment)
        defer { server.stop() }
        let client = try KVSClient("http://\(server.endpoint)")
        defer { client.close() }
        let (x, y) = (try #require(ValueTag(Self.tagOfX)), try #require(ValueTag(Self.tagOfY)))
        func put(_ value: UInt8, _ condition: Condition) async throws -> PutResult {
            try await client.put("key", [value], secondsToLive: nil, if: condition)
        }
        let absent = PutResult.conditionFailed(present: nil)
        #expect(try await put(0x78, .exists) == absent)
        #expect(try await put(0x78, .matches(x)) == absent)
        #expect(try await client.get("key") == nil)
        #expect(try await put(0x78, .isAbsent) == .stored(isReplaced: false, tag: x))
        #expect(try await put(0x79, .isAbsent) == .conditionFailed(present: x))
        #expect(try await put(0x79, .matches(y)) == .conditionFailed(present: x))
        #expect(try await put(0x79, .differs(from: x)) == .conditionFailed(present: x))
        #expect(try await client.get("key") == [0x78])
        #expect(try await put(0x79, .matches(x)) == .stored(isReplaced: true, tag: y))
        #expect(try await put(0x78, .exists) == .stored(isReplaced: true, tag: x))
        #expect(try await put(0x79, .differs(from: y)) == .stored(isReplaced: true, tag: y))
    }

    @Test("Keys come page by page, each once, those of a prefix alone", arguments: deployments)
    func keys(deployment: Deployment) async throws {
        let server = try ServerUnderTest(deployment)
        defer { server.stop() }
        let client = try KVSClient("http://\(server.endpoint)")
        defer { client.close() }
        let names = (0..<250).map { $0 % 5 == 0 ? "five_\($0)" : "Other\($0)" }
        for name in names { try await client.put(name, []) }
        for (prefix, limit) in [
            ("", 1000), ("", 7), ("five_", 3), ("nothing", 1), ("Other1", 10_000),
        ] {
            var found: [String] = []
            var cursor: String?
            repeat {
                let page = try await client.keys(prefix: prefix, cursor: cursor, limit: limit)
                #expect(page.keys.count <= limit)
                found += page.keys
                cursor = page.cursor
            } while cursor != nil
            #expect(found.sorted() == names.filter { $0.hasPrefix(prefix) }.sorted())
        }
    }

    @Test("A page of the largest keys, as many as there may be, is taken")
    func largestPage() async throws {
        let keys = (0..<10_000).map { number in
            let digits = String(number)
            return digits + String(repeating: "k", count: 250 - digits.count)
        }
        let list = keys.joined(separator: "\",\"")
        let body = "{\"msg\":\"success\",\"keys\":[\"\(list)\"],\"cursor\":\"a/b &?\"}"
        let main = try ScriptedMain { request, connection in
            connection.write(ScriptedMain.reply(body: body))
            return true
        }
        let client = try KVSClient("http://\(main.endpoint)")
        defer { client.close() }
        let page = try await client.keys(limit: 10_000)
        #expect((page == KeyPage(keys: keys, cursor: "a/b &?")) == true)
        _ = try? await client.keys(prefix: "p", cursor: page.cursor, limit: 5)
        let targets = main.requests.map(\.target)
        #expect(targets == ["/kvs?limit=10000", "/kvs?limit=5&prefix=p&cursor=a%2fb%20%26%3f"])
    }

    @Test("What a list is asked wrongly for is refused, and so is what is no list")
    func listErrors() async throws {
        let main = try ServerProcess.main()
        defer { main.kill() }
        let client = try KVSClient("http://\(main.endpoint)")
        defer { client.close() }
        await #expect(throws: KVSClientError.invalidKey("a&b")) {
            try await client.keys(prefix: "a&b")
        }
        let digits = String(repeating: "0", count: 32)
        for (cursor, limit) in [(nil, 0), (nil, 10_001), ("x", 1), (digits, 1)] as [(String?, Int)]
        {
            let error = await #expect(throws: KVSClientError.self) {
                try await client.keys(cursor: cursor, limit: limit)
            }
            guard case .refused(400, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        let other = try ScriptedMain { _, connection in
            connection.write(ScriptedMain.reply())
            return true
        }
        let stranger = try KVSClient("http://\(other.endpoint)")
        defer { stranger.close() }
        let words = "what answers has no lists of keys"
        await #expect(throws: KVSClientError.refused(status: 200, message: words)) {
            try await stranger.keys()
        }
    }

    @Test("A tag is read as servers print it, and nothing else is")
    func tags() throws {
        let tag = try #require(ValueTag(Self.tagOfX))
        #expect(tag.description == Self.tagOfX)
        for text in ["\"\(Self.tagOfX)\"", "\(Self.tagOfX)-raw", "\"\(Self.tagOfX)-raw\""] {
            #expect(ValueTag(text) == tag)
        }
        let bad = [
            "", "\"\"", "*", "W/\"\(Self.tagOfX)\"", "\(Self.tagOfX)0", "\"\(Self.tagOfX)",
            Self.tagOfX.uppercased(), String(Self.tagOfX.dropLast()), "\(Self.tagOfX)-RAW",
        ]
        for text in bad { #expect(ValueTag(text) == nil, "\(text)") }
    }
}
