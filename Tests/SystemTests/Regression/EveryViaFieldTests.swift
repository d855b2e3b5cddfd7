import Testing

/// Our own mark in `Via` was overlooked where white space stood behind it.
@Suite("Every Via field", .timeLimit(.minutes(10)))
struct EveryViaFieldTests {
    private static let reply =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    private static func request(_ lines: [String]) -> String {
        "GET /kvs/key HTTP/1.1\r\nHost: x\r\n" + lines.map { "Via: \($0)\r\n" }.joined() + "\r\n"
    }

    @Test("A request that has been here before is a circle, wherever in Via that stands")
    func ownMark() throws {
        let main = try RecordingMain(reply: Self.reply)
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let wire = try WireClient(forwarder.endpoint)
        #expect(try wire.exchange(Self.request([])).status == 200)
        let via = try #require(main.receivedFields.first?.first { $0.hasPrefix("via: ") })
        let mark = via.dropFirst("via: ".count)
        for lines in [
            ["\(mark)"], ["\(mark) , 1.1 other"], ["1.1 other,\t\(mark)\t"],
            ["1.1 other", "1.1 another", ",, \(mark) ,"],
        ] {
            #expect(try wire.exchange(Self.request(lines)).status == 508)
        }
        #expect(try wire.exchange(Self.request(["\(mark)x", "1.1 other"])).status == 200)
    }

    @Test("Hops are counted over all lines; empty members are none")
    func hops() throws {
        let main = try RecordingMain(reply: Self.reply)
        let forwarder = try ServerProcess.forwarder(to: main.endpoint)
        let wire = try WireClient(forwarder.endpoint)
        let sixteen = [String](repeating: "1.1 x", count: 16).joined(separator: " , ,")
        #expect(try wire.exchange(Self.request([sixteen, ", ,", sixteen])).status == 200)
        #expect(try wire.exchange(Self.request([sixteen, sixteen, "1.1 x"])).status == 508)
    }
}
