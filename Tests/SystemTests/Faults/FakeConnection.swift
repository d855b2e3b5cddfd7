import Glibc

/// The fake main's end of one connection. For one thread at a time.
final class FakeConnection {
    /// What a fake main has seen of a request.
    struct Request: Sendable {
        let method: String
        let target: String
        /// Whole lines, in lower case.
        var fields: [String] = []
        var body: [UInt8] = []
    }

    let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Takes over an accepted socket; whoever made this object closes it.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        var noDelay: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, 4)
    }

    // MARK: Reading

    /// Waits until there is something to read, the end of the connection included.
    ///
    /// - Parameter milliseconds: -1 waits for ever.
    /// - Returns: Whether there is.
    @discardableResult
    func waitUntilReadable(milliseconds: Int32 = -1) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&polled, 1, milliseconds)
            if count >= 0 { return count > 0 }
            if errno != EINTR { return true }
        }
    }

    /// Reads a request's head; nil where the connection ends before.
    func readHead() -> (request: Request, fields: [String])? {
        let end = Array("\r\n\r\n".utf8)
        var searched = 0
        while true {
            if let index = index(of: end, from: searched) {
                let head = String(decoding: buffer[..<index], as: UTF8.self)
                buffer.removeFirst(index + end.count)
                return Self.parse(head)
            }
            searched = max(0, buffer.count - end.count)
            guard fill() else { return nil }
        }
    }

    /// Reads a request and its body to the end; nil where the connection ends before. A chunked body
    /// is read and dropped.
    ///
    /// - Parameter onHead: Called as soon as the head is there.
    func readRequest(onHead: (Request) -> Void) -> Request? {
        guard let (head, fields) = readHead() else { return nil }
        var request = head
        onHead(head)
        if fields.contains("transfer-encoding: chunked") {
            let end = Array("\r\n0\r\n\r\n".utf8)
            while !buffer.starts(with: end.dropFirst(2)), index(of: end, from: 0) == nil {
                guard fill() else { return nil }
            }
            buffer.removeAll()
        } else {
            let length = fields.compactMap { field in
                field.hasPrefix("content-length:") ? Int(field.dropFirst(15).trimmed) : nil
            }
            let count = length.first ?? 0
            while buffer.count < count {
                guard fill() else { return nil }
            }
            request.body = Array(buffer[..<count])
            buffer.removeFirst(count)
        }
        return request
    }

    /// Reads and drops what comes until the peer ends the connection.
    func waitUntilClosed() {
        while fill() {
            buffer.removeAll(keepingCapacity: true)
        }
    }

    /// Whether the peer has ended the connection within the time.
    func isClosed(within milliseconds: Int32) -> Bool {
        while waitUntilReadable(milliseconds: milliseconds) {
            guard fill() else { return true }
        }
        return false
    }

    private func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                buffer += chunk[..<count]
                return true
            }
            guard count < 0, errno == EINTR else { return false }
        }
    }

    private func index(of pattern: [UInt8], from start: Int) -> Int? {
        guard buffer.count - start >= pattern.count else { return nil }
        return (start...(buffer.count - pattern.count)).first {
            buffer[$0..<$0 + pattern.count].elementsEqual(pattern)
        }
    }

    private static func parse(_ head: String) -> (request: Request, fields: [String]) {
        let lines = head.split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        let fields = lines.dropFirst().map { $0.lowercased() }
        let request = Request(
            method: words.first ?? "",
            target: words.count > 1 ? words[1] : "",
            fields: fields
        )
        return (request, fields)
    }

    // MARK: Writing and ending

    /// Writes all of it.
    ///
    /// - Returns: False where the peer has gone.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    @discardableResult
    func write(_ text: String) -> Bool {
        write(Array(text.utf8))
    }

    /// Makes the `close` that follows a reset (RST) instead of an orderly end.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &option,
            socklen_t(MemoryLayout<linger>.size)
        )
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        split(separator: " ").joined(separator: " ")
    }
}
