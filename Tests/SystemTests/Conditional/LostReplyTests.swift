import Testing

/// A PUT whose reply was lost, between a forwarder and its main: done, or not done. Who sent it finds out
/// by the tag, and goes on.
@Suite("A write of unknown outcome is resolved by its tag", .timeLimit(.minutes(2)))
struct LostReplyTests {
    /// A main with "old" in its key, and a forwarder behind a link that can be cut.
    private struct Scene {
        let main: ServerProcess
        let link: LossyLink
        let forwarder: ServerProcess
        let client: HTTPClient

        init() throws {
            main = try .main()
            link = try LossyLink(to: main.endpoint)
            forwarder = try .forwarder(to: link.endpoint)
            client = HTTPClient(forwarder.endpoint)
            try put("old").expect(.created)
        }

        /// Puts that value where the key has another one, or none is asked for.
        func put(_ value: String, over old: String? = nil) throws -> WireResponse {
            try client.put(
                "key",
                body: Array(value.utf8),
                contentType: "text/plain",
                headers: old.map { ["If-Match: \(entityTag(of: $0))"] } ?? []
            )
        }

        /// Puts "new" over "old", so that nobody knows what became of it, and waits until the forwarder
        /// can be asked again.
        func putAndLose(_ loss: LossyLink.Loss) throws {
            link.loseNext(loss)
            let reply = try put("new", over: "old")
            reply.expect(.unavailable)
            #expect(reply[header: "KVS-Outcome"] == "unknown")
            #expect(reply[header: "ETag"] == nil)
            #expect(link.hasLost)
            try forwarder.waitUntilReady()
            // What happened, as only the main can tell.
            let held = loss == .reply ? "new" : "old"
            try HTTPClient(main.endpoint).get("key").expect(.value(held))
        }

        /// The next update, and what everybody sees then.
        func goOn() throws {
            let reply = try put("next", over: "new")
            reply.expect(.replaced)
            #expect(reply[header: "ETag"] == entityTag(of: "next"))
            for endpoint in [main.endpoint, forwarder.endpoint] {
                try HTTPClient(endpoint).get("key").expect(.value("next"))
            }
        }
    }

    @Test("Done: a GET has the tag of what was sent")
    func readsThatItWasDone() throws {
        let scene = try Scene()
        try scene.putAndLose(.reply)
        let reply = try scene.client.head("key")
        #expect(reply.status == 200)
        #expect(reply[header: "ETag"] == entityTag(of: "new"))
        try scene.goOn()
    }

    @Test("Not done: a GET has the old tag, and the PUT is sent again")
    func readsThatItWasNotDone() throws {
        let scene = try Scene()
        try scene.putAndLose(.request)
        let reply = try scene.client.head("key")
        #expect(reply.status == 200)
        #expect(reply[header: "ETag"] == entityTag(of: "old"))
        try scene.put("new", over: "old").expect(.replaced)
        try scene.goOn()
    }

    @Test("Done: sent again over the old tag, it is refused by its own")
    func repeatsWhatWasDone() throws {
        let scene = try Scene()
        try scene.putAndLose(.reply)
        let reply = try scene.put("new", over: "old")
        reply.expectError(412, mentioning: "precondition failed")
        #expect(reply[header: "ETag"] == entityTag(of: "new"))
        try scene.goOn()
    }

    @Test("Not done: sent again over the old tag, it is done now")
    func repeatsWhatWasNotDone() throws {
        let scene = try Scene()
        try scene.putAndLose(.request)
        let reply = try scene.put("new", over: "old")
        reply.expect(.replaced)
        #expect(reply[header: "ETag"] == entityTag(of: "new"))
        try scene.goOn()
    }

    @Test("Another client came between: the tag is neither, and nothing of it is lost")
    func seesAnother() throws {
        let scene = try Scene()
        try scene.putAndLose(.reply)
        try HTTPClient(scene.main.endpoint).put("key", "another").expect(.replaced)
        let reply = try scene.put("new", over: "old")
        reply.expectError(412, mentioning: "precondition failed")
        #expect(reply[header: "ETag"] == entityTag(of: "another"))
        try scene.client.get("key").expect(.value("another"))
    }
}
