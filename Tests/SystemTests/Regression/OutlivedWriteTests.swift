import Glibc
import Testing

/// A write that outlived the whole-request deadline at a forwarder was answered 503, without a word on
/// whether it was done.
@Suite("A write that takes too long is answered truly", .timeLimit(.minutes(10)))
struct OutlivedWriteTests {
    @Test("A slow upload, and then a main that does not answer")
    func slowUpload() throws {
        let main = try ServerProcess.main()
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_REQUEST_TIMEOUT": "3s", "KVS_FORWARD_TIMEOUT": "2500ms"]
        )
        try HTTPClient(forwarder.endpoint).get("key").expect(.missing)
        main.pause()
        try main.waitUntilPaused()
        let wire = try WireClient(forwarder.endpoint)
        let request = Array(RawRequest.put("key", String(repeating: "v", count: 1000)).utf8)
        let start = ContinuousClock.now
        // The upload and the forward timeout together are longer than the request timeout.
        var sent = 0
        while ContinuousClock.now - start < .milliseconds(1500) {
            try wire.send(request[sent..<sent + 5])
            sent += 5
            usleep(20_000)
        }
        try wire.send(request[sent...])
        let reply = try wire.readResponse()
        reply.expect(.unavailable)
        #expect(reply[header: "KVS-Outcome"] == "unknown")
        // 3 s, and what a busy machine may add.
        #expect(ContinuousClock.now - start < .seconds(6))
        main.resume()
        try forwarder.waitUntilReady()
    }
}
