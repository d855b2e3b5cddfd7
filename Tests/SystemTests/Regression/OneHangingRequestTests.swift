import Testing

/// One loop whose request waited in vain took a main for silent that was answering those of the others,
/// and these were refused.
@Suite("A request that hangs at a main that answers others", .timeLimit(.minutes(10)))
struct OneHangingRequestTests {
    @Test("The others go on, on whichever loop the one hangs")
    func others() throws {
        let main = try ScriptedMain { request, connection in
            if request.target.hasSuffix("hang") {
                connection.waitUntilClosed()
                return false
            }
            connection.write(ScriptedMain.reply())
            return true
        }
        let forwarder = try ServerProcess.forwarder(
            to: main.endpoint,
            ["KVS_THREADS": "4", "KVS_FORWARD_TIMEOUT": "400ms", "KVS_CONNECT_TIMEOUT": "300ms"]
        )
        for _ in 0..<12 {
            // The kernel decides on which loop: on others than most of those that ask beside.
            let hanging = try WireClient(forwarder.endpoint)
            try hanging.send(RawRequest.get("hang"))
            var asked = 0
            while !hanging.hasBytes {
                let reply = try HTTPClient(forwarder.endpoint).get("key")
                #expect(reply.status == 200, "\(reply.text)")
                asked += 1
            }
            try hanging.readResponse().expect(.unavailable)
            #expect(try HTTPClient(forwarder.endpoint).get("key").status == 200)
            #expect(asked > 0)
        }
        #expect(!forwarder.standardOutput.contains("silent"))
    }
}
