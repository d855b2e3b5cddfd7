/// What a fake main says, well or badly.
enum FaultScript {
    /// The answer of a main that is well. The value of a key is made from the key, so that an
    /// answer which belongs to another request shows.
    static func goodReply(to request: FakeConnection.Request, keepsAlive: Bool) -> String {
        let isKey = request.target.hasPrefix("/kvs/")
        let status = isKey && request.method == "PUT" ? "201 Created" : "200 OK"
        let body = goodBody(to: request)
        let connection = keepsAlive ? "" : "Connection: close\r\n"
        return "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\(connection)\r\n"
            + (request.method == "HEAD" ? "" : body)
    }

    static func goodBody(to request: FakeConnection.Request) -> String {
        switch request.method {
        case "PUT": #"{"replaced":0,"msg":"success"}"#
        case "GET" where request.target.hasPrefix("/kvs/"):
            #"{"msg":"success","value":"\#(value(of: request.target.dropFirst(5)))"}"#
        default: #"{"msg":"success"}"#
        }
    }

    static func value(of key: some StringProtocol) -> String { "value_of_\(key)" }

    /// A reply that nobody asked for.
    static let strayReply = reply(body: #"{"msg":"success","value":"stray"}"#)

    static let timeoutNotice =
        "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    /// Plays a shape's answer to a request that has been read.
    ///
    /// - Returns: Whether the connection may serve another request.
    static func play(
        _ shape: FaultShape,
        to request: FakeConnection.Request,
        on connection: FakeConnection
    ) -> Bool {
        let good = goodReply(to: request, keepsAlive: true)
        switch shape {
        case .resetInReplyHead, .closedInReplyHead:
            connection.write(String(good.prefix(40)))
            if shape == .resetInReplyHead { connection.resetOnClose() }
        case .resetInBody, .closedInBody:
            connection.write(String(good.dropLast(5)))
            if shape == .resetInBody { connection.resetOnClose() }
        case .dripping:
            for byte in good.utf8 {
                guard connection.write([byte]), !connection.isClosed(within: 200) else { break }
            }
        case .endlessBody:
            var isOpen = connection.write(head("Transfer-Encoding: chunked"))
            let chunk = Array(("10000\r\n" + String(repeating: "x", count: 0x10000) + "\r\n").utf8)
            while isOpen { isOpen = connection.write(chunk) }
        case .endlessHead:
            var isOpen = connection.write("HTTP/1.1 200 OK\r\n")
            let fields = Array(String(repeating: "X-Field: value\r\n", count: 1000).utf8)
            while isOpen { isOpen = connection.write(fields) }
        case .twoReplies:
            return connection.write(good + strayReply)
        case .noticeOnIdle, .strayReplyOnIdle:
            return connection.write(good)
        case .closedBeforeReply, .refused, .unreachable, .stopped, .resetAtOnce, .resetAfterHead:
            break
        case .noLength, .truncatedChunks, .unknownCoding, .tabbedCoding:
            connection.write(text(of: shape, answering: request))
        default:
            connection.write(text(of: shape, answering: request))
            connection.waitUntilClosed()
        }
        return false
    }

    /// The shapes that are one text, right or wrong as the forwarder may find it.
    private static func text(
        of shape: FaultShape,
        answering request: FakeConnection.Request
    ) -> String {
        let body = goodBody(to: request)
        let length = "Content-Length: \(body.utf8.count)"
        let hexLength = String(body.utf8.count, radix: 16)
        let chunked = "\(hexLength)\r\n\(body)\r\n0\r\n\r\n"
        return switch shape {
        case .garbage: "\u{1}\u{16}\u{3}\u{7f}\u{2}garbage\0\r\n\u{3}\u{4}: \u{5}\r\n\r\n\u{6}"
        case .plainText: "<html>all is well</html>\r\n"
        case .switchingProtocols:
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
        case .hugeLength: head("Content-Length: 1099511627776") + body
        case .noLength: head() + body
        case .badLength: head("Content-Length: 0x10") + body
        case .twoLengths: head(length, "Content-Length: \(body.utf8.count - 1)") + body
        case .lengthAndChunked: head(length, "Transfer-Encoding: chunked") + chunked
        case .unknownCoding: head("Transfer-Encoding: gzip") + body
        case .tabbedCoding: head("Transfer-Encoding:\tchunked") + chunked
        case .truncatedChunks:
            head("Transfer-Encoding: chunked") + "\(hexLength)\r\n\(body)\r\n"
        case .badChunkSize: head("Transfer-Encoding: chunked") + "zz\r\n\(body)\r\n0\r\n\r\n"
        default: ""
        }
    }

    private static func reply(body: String) -> String {
        head("Content-Length: \(body.utf8.count)") + body
    }

    private static func head(_ fields: String...) -> String {
        (["HTTP/1.1 200 OK", "Content-Type: application/json"] + fields)
            .joined(separator: "\r\n") + "\r\n\r\n"
    }
}
