import Testing

@testable import ContractCases

@Suite("ContractReply")
struct ContractReplyTests {
    private static func read(
        _ text: String,
        isToHead: Bool = false,
        isEnd: Bool = false
    ) throws(ContractReply.Fault) -> ContractReply {
        try ContractReply(reading: Array(text.utf8), isToHead: isToHead, isEnd: isEnd)
    }

    @Test(
        "A body ends by its length, by its chunks, or with the connection",
        arguments: [
            ("Content-Length: 4\r\n\r\nbart", false),
            ("transfer-encoding: chunked\r\n\r\n4;x\r\nbart\r\n0\r\n\r\n", false),
            ("\r\nbart", true),
        ]
    )
    func framings(rest: String, needsEnd: Bool) throws {
        let text = "HTTP/1.1 200 OK\r\nX: a\r\nx:  b \r\n\(rest)"
        let reply = try Self.read(text, isEnd: needsEnd)
        #expect(reply.status == 200 && reply.body == Array("bart".utf8))
        #expect(reply["X"] == "a, b" && reply["y"] == nil)
        // However much of it is there, it is never taken for all, nor for something else.
        for count in 0..<(text.utf8.count - (rest.hasSuffix("0\r\n\r\n") ? 5 : 1)) {
            #expect(throws: ContractReply.Fault.incomplete) {
                try Self.read(String(decoding: text.utf8.prefix(count), as: UTF8.self))
            }
        }
    }

    @Test("Of HEAD, 204 and 304 there is no body; interim replies are skipped")
    func withoutBody() throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
        #expect(try Self.read(head, isToHead: true).body == [])
        #expect(try Self.read("HTTP/1.0 204 No Content\r\n\r\n").status == 204)
        let interim = "HTTP/1.1 100 Continue\r\n\r\n"
        #expect(try Self.read("\(interim)\(interim)\(head)bart").body == Array("bart".utf8))
        #expect(throws: ContractReply.Fault.incomplete) { try Self.read(interim) }
    }

    @Test(
        "What is no reply is malformed",
        arguments: [
            "nonsense\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbart", "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        ]
    )
    func malformed(text: String) {
        #expect(throws: ContractReply.Fault.malformed) { try Self.read(text, isEnd: true) }
    }
}
