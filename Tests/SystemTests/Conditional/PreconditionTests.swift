import Testing

/// Tags and preconditions, as RFC 9110 §8.8.3 and §13 have them.
@Suite("Preconditions", .sharedServers, .timeLimit(.minutes(5)))
struct PreconditionTests {

    private static func put(
        _ key: String,
        _ value: String,
        by client: HTTPClient,
        _ headers: String...
    ) throws -> WireResponse {
        let type = "application/octet-stream"
        return try client.put(key, body: Array(value.utf8), contentType: type, headers: headers)
    }

    @Test("GET, HEAD and PUT say the same tag, which is the content's", arguments: Deployment.all)
    func tags(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let (key, other) = (uniqueKey(), uniqueKey())
        // printf hello | xxh128sum
        let tag = #""b5e9c1ad071b3e7fc779cfaa5e523818""#
        let created = try client.put(key, "hello")
        created.expect(.created)
        #expect(created[header: "ETag"] == tag)
        #expect(try client.get(key)[header: "ETag"] == tag)
        #expect(try client.head(key)[header: "ETag"] == tag)
        let form = "multipart/form-data; boundary=b"
        let part = "--b\r\nContent-Disposition: form-data; name=val\r\n\r\nhello\r\n--b--\r\n"
        let reply = try client.put(other, body: Array(part.utf8), contentType: form)
        #expect(reply[header: "ETag"] == tag)
        #expect(try client.put(key, "hellp")[header: "ETag"] != tag)
        #expect(try client.delete(key)[header: "ETag"] == nil)
        #expect(try client.get(key)[header: "ETag"] == nil)
    }

    @Test("Each form of a value has its own tag", arguments: Deployment.all)
    func forms(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, "hello").expect(.created)
        let accept = "Accept: application/octet-stream"
        let raw = #""b5e9c1ad071b3e7fc779cfaa5e523818-raw""#
        #expect(try client.get(key, headers: [accept])[header: "ETag"] == raw)
        #expect(try client.head(key, headers: [accept])[header: "ETag"] == raw)
        // What one form's tag says of the other's cached copy is nothing.
        #expect(try client.get(key, headers: ["If-None-Match: \(raw)"]).status == 200)
        #expect(try client.get(key, headers: [accept, "If-None-Match: \(raw)"]).status == 304)
    }

    @Test(
        "A GET that has the value already hears 304, with the tag and no body",
        arguments: Deployment.all
    )
    func notModified(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let tag = try #require(try client.put(key, "bar")[header: "ETag"])
        for condition in [tag, "W/\(tag)", "\"x\", \(tag)", "*", "\(tag), \(tag)"] {
            for method in ["GET", "HEAD"] {
                let reply = try client.send(
                    method,
                    "/kvs/\(key)",
                    headers: ["If-None-Match: \(condition)"]
                )
                #expect(reply.status == 304, "\(condition)")
                #expect(reply[header: "ETag"] == tag)
                #expect(reply[header: "Content-Type"] == nil)
                #expect(reply.body.isEmpty)
            }
            // The connection is in step.
            try client.get(key).expect(.value("bar"))
        }
        for condition in [#""x""#, #""""#, #""b5e9c1ad071b3e7fc779cfaa5e523818""#, ""] {
            try client.get(key, headers: ["If-None-Match: \(condition)"]).expect(.value("bar"))
        }
        // Two fields are one list.
        let both = ["If-None-Match: \"x\"", "If-None-Match: \(tag)"]
        #expect(try client.get(key, headers: both).status == 304)
        // RFC 9110 §13.2.1: of what is not there nothing is asked.
        try client.get(uniqueKey(), headers: ["If-None-Match: *"]).expect(.missing)
    }

    @Test("A GET with If-Match wants that value, and first of all", arguments: Deployment.all)
    func readMatch(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let tag = try #require(try client.put(key, "bar")[header: "ETag"])
        try client.get(key, headers: ["If-Match: \(tag)"]).expect(.value("bar"))
        try client.get(key, headers: ["If-Match: *"]).expect(.value("bar"))
        for condition in [#""x""#, "W/\(tag)", ""] {
            let reply = try client.get(key, headers: ["If-Match: \(condition)"])
            reply.expectError(412, mentioning: "precondition failed")
            #expect(reply[header: "ETag"] == tag)
        }
        // What is said to be there will do the next time, in either form.
        for accept in ["Accept: */*", "Accept: application/octet-stream"] {
            let refused = try client.get(key, headers: [accept, #"If-Match: "x""#])
            #expect(refused.status == 412)
            let present = try #require(refused[header: "ETag"])
            let next = try client.get(key, headers: [accept, "If-Match: \(present)"])
            #expect(next.status == 200)
        }
        // RFC 9110 §13.2.2: If-Match is decided first.
        let both = ["If-None-Match: \(tag)", "If-Match: \"x\""]
        #expect(try client.get(key, headers: both).status == 412)
        let met = ["If-None-Match: \(tag)", "If-Match: \(tag)"]
        #expect(try client.get(key, headers: met).status == 304)
        try client.get(uniqueKey(), headers: ["If-Match: *"]).expect(.missing)
    }

    @Test("A PUT with If-Match is done on that value only", arguments: Deployment.all)
    func compareAndSet(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let absent = try Self.put(key, "x", by: client, "If-Match: *")
        absent.expectError(412, mentioning: "precondition failed")
        #expect(absent[header: "ETag"] == nil)
        let first = try #require(try client.put(key, "first")[header: "ETag"])
        let second = try Self.put(key, "second", by: client, "If-Match: \(first)")
        second.expect(.replaced)
        let tag = try #require(second[header: "ETag"])
        let late = try Self.put(key, "third", by: client, "If-Match: \(first)")
        late.expectError(412, mentioning: "precondition failed")
        #expect(late[header: "ETag"] == tag)
        try client.get(key).expect(.value("second"))
        // A tag of either form counts, and one of several.
        let raw = tag.dropLast() + "-raw\""
        try Self.put(key, "third", by: client, "If-Match: \(first), \(raw)").expect(.replaced)
        #expect(try Self.put(key, "x", by: client, "If-Match: W/\(tag)").status == 412)
        try Self.put(key, "fourth", by: client, "If-Match: *").expect(.replaced)
    }

    @Test("A PUT with If-None-Match creates, or replaces another value", arguments: Deployment.all)
    func create(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try Self.put(key, "first", by: client, "If-None-Match: *").expect(.created)
        let again = try Self.put(key, "second", by: client, "If-None-Match: *")
        again.expectError(412, mentioning: "precondition failed")
        let tag = try #require(again[header: "ETag"])
        try client.get(key).expect(.value("first"))
        // Weakly compared.
        #expect(try Self.put(key, "x", by: client, "If-None-Match: W/\(tag)").status == 412)
        try Self.put(key, "second", by: client, #"If-None-Match: "x""#).expect(.replaced)
    }

    @Test("A DELETE with If-Match removes that value only", arguments: Deployment.all)
    func delete(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let tag = try #require(try client.put(key, "bar")[header: "ETag"])
        let refused = try client.delete(key, headers: [#"If-Match: "x""#])
        refused.expectError(412, mentioning: "precondition failed")
        #expect(refused[header: "ETag"] == tag)
        #expect(try client.delete(key, headers: ["If-None-Match: *"]).status == 412)
        try client.delete(key, headers: ["If-Match: \(tag)"]).expect(.deleted)
        // RFC 9110 §13.2.1: it would be 404 without the condition.
        try client.delete(key, headers: ["If-Match: \(tag)"]).expect(.missing)
        try client.delete(key, headers: ["If-Match: *"]).expect(.missing)
    }

    @Test(
        "What is no list of tags is refused, and nothing is done",
        arguments: Deployment.all,
        ["x", "\"x", "\"a\" \"b\"", "*, \"a\"", "\"a\", *", "'a'", "w/\"a\""]
    )
    func malformed(deployment: Deployment, list: String) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        try client.put(key, "bar").expect(.created)
        for name in ["If-Match", "If-None-Match"] {
            let field = "\(name): \(list)"
            let message = "malformed \(name):"
            for method in ["GET", "HEAD", "DELETE"] {
                let reply = try client.send(method, "/kvs/\(key)", headers: [field])
                #expect(reply.status == 400)
                if method != "HEAD" { reply.expectError(400, mentioning: message) }
            }
            try Self.put(key, "x", by: client, field).expectError(400, mentioning: message)
            // Also of a key that is not there.
            try client.get(uniqueKey(), headers: [field]).expectError(400, mentioning: message)
        }
        try client.get(key).expect(.value("bar"))
    }

    @Test("A list may have 64 tags of ours, and any number of others", arguments: Deployment.all)
    func many(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let key = uniqueKey()
        let tag = try #require(try client.put(key, "bar")[header: "ETag"])
        let ours = (0..<63).map { "\"\(String(repeating: "0", count: 30))\(10 + $0)\"" }
        let others = (0..<200).map { "\"other-\($0)\"" }
        let list = (ours + others + [tag]).joined(separator: ", ")
        #expect(try client.get(key, headers: ["If-None-Match: \(list)"]).status == 304)
        try client.get(key, headers: ["If-None-Match: \(list), \(tag)"])
            .expectError(400, mentioning: "64")
    }

    @Test("Large values and those with escapes are compared as well", arguments: Deployment.all)
    func allKinds(deployment: Deployment) throws {
        let client = try ServerUnderTest.shared(deployment).client()
        let values: [[UInt8]] = [
            [], [0xFF], Array(#"{"a":"\u00e9"}"#.utf8), .init(repeating: 0x22, count: 4095),
            .init(repeating: 0x22, count: 4096), .init(repeating: 0xFE, count: 5000),
            .init(repeating: 0x76, count: 1_572_864),
        ]
        for value in values {
            let key = uniqueKey()
            let type = "application/octet-stream"
            let put = try client.put(key, body: value, contentType: type)
            let tag = try #require(put[header: "ETag"])
            #expect(try client.get(key)[header: "ETag"] == tag)
            #expect(try client.get(key, headers: ["If-None-Match: \(tag)"]).status == 304)
            let again = try client.put(
                key,
                body: value,
                contentType: type,
                headers: ["If-None-Match: \(tag)"]
            )
            #expect(again.status == 412)
            try client.delete(key, headers: ["If-Match: \(tag)"]).expect(.deleted)
        }
    }
}
