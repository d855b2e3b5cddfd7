import Testing

@testable import ContractCases

@Suite("ContractReplyReader", .timeLimit(.minutes(1)))
struct ContractReplyReaderTests {
    private typealias Fault = ContractReplyReader.Fault

    private static func read(
        _ text: String,
        isToHead: Bool = false,
        isEnd: Bool = false
    ) throws(ContractReplyReader.Fault) -> ContractReply? {
        var reader = ContractReplyReader(isToHead: isToHead)
        return try reader.read(text.utf8, isEnd: isEnd)
    }

    /// The same, one byte at a time.
    private static func readBytewise(
        _ text: String,
        isEnd: Bool
    ) throws(ContractReplyReader.Fault) -> ContractReply? {
        var reader = ContractReplyReader(isToHead: false)
        for byte in text.utf8 {
            if let reply = try reader.read([byte], isEnd: false) { return reply }
        }
        return isEnd ? try reader.read([], isEnd: true) : nil
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
        for whole in [
            try Self.read(text, isEnd: needsEnd), try Self.readBytewise(text, isEnd: needsEnd),
        ] {
            let reply = try #require(whole)
            #expect(reply.status == 200 && reply.body == Array("bart".utf8))
            #expect(reply["X"] == "a, b" && reply["y"] == nil)
        }
        // However much of it is there, it is never taken for all, nor for something else.
        for count in 0..<(text.utf8.count - (rest.hasSuffix("0\r\n\r\n") ? 5 : 1)) {
            let part = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            #expect(try Self.read(part) == nil)
        }
    }

    @Test("Of HEAD, 204 and 304 there is no body; interim replies are skipped")
    func withoutBody() throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
        #expect(try Self.read(head, isToHead: true)?.body == [])
        #expect(try Self.read("HTTP/1.0 204 No Content\r\n\r\n")?.status == 204)
        let interim = "HTTP/1.1 100 Continue\r\n\r\n"
        let text = "\(interim)\(interim)\(head)bart"
        #expect(try Self.read(text)?.body == Array("bart".utf8))
        #expect(try Self.readBytewise(text, isEnd: false)?.body == Array("bart".utf8))
        #expect(try Self.read(interim) == nil)
    }

    @Test(
        "What is no reply is malformed",
        arguments: [
            "nonsense\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nbart",
            "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nbart",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-4\r\nbart\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbart", "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        ]
    )
    func malformed(text: String) {
        #expect(throws: Fault.malformed) { try Self.read(text, isEnd: true) }
    }

    @Test(
        "Lengths beyond the limit, and beyond any number, are known by their announcement",
        arguments: [
            "Content-Length: 8000000000\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n",
            "Transfer-Encoding: chunked\r\n\r\n7ffffffffffffffe\r\n",
        ]
    )
    func announced(rest: String) {
        #expect(throws: Fault.tooLong) { try Self.read("HTTP/1.1 200 OK\r\n\(rest)") }
    }

    @Test(
        "What comes without end is given up, at a cost that grows no faster than what comes",
        arguments: [
            ("", "HTTP/1.1 100 Continue\r\n\r\n", 64 << 10),
            ("HTTP/1.1 200 OK\r\n", "X: y\r\n", 64 << 10),
            ("HTTP/1.1 200 OK\r\n\r\n", "0123456789abcdef", 16 << 20),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", 16 << 20),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0000", 16 << 20),
        ]
    )
    func endless(start: String, more: String, limit: Int) throws {
        var reader = ContractReplyReader(isToHead: false)
        let part = Array(String(repeating: more, count: 4096).utf8)
        let nothing = try reader.read(start.utf8, isEnd: false)
        #expect(nothing == nil)
        #expect(throws: Fault.tooLong) {
            for _ in 0...(limit / part.count + 1) {
                let nothing = try reader.read(part, isEnd: false)
                #expect(nothing == nil)
            }
        }
    }
}
