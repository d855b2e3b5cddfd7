import Glibc

/// A blocking TCP client for raw bytes. For one thread at a time.
///
/// Nothing it does hangs: each read, write and connect ends at the time-out.
final class WireClient {
    /// How a connection ended.
    enum End: Equatable {
        case closed
        case reset
    }

    /// Of a server that hangs, and not of one that is slow: a sanitized one takes its time for large values.
    static let patience: Duration = ServerProcess.isSanitized ? .seconds(60) : .seconds(10)

    let descriptor: Int32
    /// Bytes that have come and are not given out yet; `start` is the first of them.
    private var buffer: [UInt8] = []
    private var start = 0
    private var chunk = [UInt8](repeating: 0, count: 64 << 10)

    /// Connects.
    ///
    /// - Parameters:
    ///   - endpoint: The server.
    ///   - timeout: For each connect, read and write.
    ///   - receiveBufferBytes: The kernel's receive buffer (`SO_RCVBUF`), for slow readers.
    init(
        _ endpoint: Endpoint,
        timeout: Duration = WireClient.patience,
        receiveBufferBytes: Int32? = nil
    ) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &list) == 0, let list else {
            throw SystemCallError("getaddrinfo \(endpoint)", code: EHOSTUNREACH)
        }
        defer { freeaddrinfo(list) }
        let address = list.pointee
        let type = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(address.ai_family, type, address.ai_protocol)
        guard descriptor >= 0 else { throw SystemCallError("socket") }
        let (seconds, attoseconds) = timeout.components
        let limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        set(SO_RCVTIMEO, limit)
        set(SO_SNDTIMEO, limit)
        if let receiveBufferBytes {
            set(SO_RCVBUF, receiveBufferBytes)
        }
        var noDelay: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, 4)
        guard connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else {
            throw SystemCallError("connect \(endpoint)")
        }
    }

    deinit {
        close(descriptor)
    }

    // MARK: Writing

    /// Writes all bytes, in as few segments as the kernel makes of them.
    func send(_ bytes: some Sequence<UInt8>) throws {
        let bytes = ContiguousArray(bytes)
        try bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let flags = Int32(MSG_NOSIGNAL)
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, flags)
                if count >= 0 {
                    sent += count
                } else if errno != EINTR {
                    throw SystemCallError("send")
                }
            }
        }
    }

    func send(_ text: String) throws {
        try send(text.utf8)
    }

    /// Says that nothing more will be sent (FIN); the other direction stays open.
    func halfClose() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Ends the connection with a reset (RST). Nothing else can be done with this client afterwards.
    func reset() {
        set(SO_LINGER, linger(l_onoff: 1, l_linger: 0))
        // The descriptor itself stays this object's: what is put in its place is closed by `deinit`.
        let placeholder = open("/dev/null", O_RDWR | O_CLOEXEC)
        dup2(placeholder, descriptor)
        close(placeholder)
    }

    private func set<Value: BitwiseCopyable>(_ option: Int32, _ value: Value) {
        var value = value
        setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Value>.size))
    }

    // MARK: Reading

    /// Bytes that came and were not read by any `read…` call yet.
    var unread: ArraySlice<UInt8> { buffer[start...] }

    /// Whether the peer has closed or reset the connection, as known now; does not wait.
    var isClosedByPeer: Bool {
        var byte: UInt8 = 0
        let flags = Int32(MSG_PEEK | MSG_DONTWAIT)
        let count = recv(descriptor, &byte, 1, flags)
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// Whether bytes have come, as known now; does not wait.
    var hasBytes: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    /// What has come and is still to be read from the socket, as known now; does not wait.
    func peek() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        return Array(bytes[..<max(0, count)])
    }

    /// Whether the peer will send nothing more, as known now, whatever is still to be read.
    var peerHasFinished: Bool {
        // POLLRDHUP, which the module Glibc leaves out.
        let wanted: Int16 = 0x2000
        var polled = pollfd(fd: descriptor, events: wanted, revents: 0)
        return poll(&polled, 1, 0) > 0 && polled.revents & wanted != 0
    }

    /// Waits until there is something to read, and leaves it unread.
    func awaitBytes() throws {
        if unread.isEmpty {
            try fill(atMost: 1)
        }
    }

    /// Reads exactly `count` bytes.
    func read(count: Int) throws -> [UInt8] {
        while buffer.count - start < count {
            try fill()
        }
        return take(count)
    }

    /// Reads up to and with `pattern`.
    func read(through pattern: [UInt8]) throws -> [UInt8] {
        var searched = 0
        while true {
            let from = start + max(0, searched - pattern.count + 1)
            if let end = Self.end(of: pattern, in: buffer, from: from) {
                return take(end - start)
            }
            searched = buffer.count - start
            try fill()
        }
    }

    /// Reads until the peer ends the connection.
    ///
    /// - Returns: What was not read before, and how it ended.
    /// - Throws: `WireError.timedOut` where it stays open.
    func readUntilEnd() throws -> (bytes: [UInt8], end: End) {
        while true {
            do {
                try fill()
            } catch WireError.closed {
                return (take(buffer.count - start), .closed)
            } catch WireError.reset {
                return (take(buffer.count - start), .reset)
            }
        }
    }

    /// Reads what one `recv` gives, at most `count` bytes: for slow readers.
    func readSome(atMost count: Int) throws -> [UInt8] {
        if buffer.count == start {
            try fill(atMost: count)
        }
        return take(min(count, buffer.count - start))
    }

    private func take(_ count: Int) -> [UInt8] {
        let bytes = Array(buffer[start..<start + count])
        start += count
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        }
        return bytes
    }

    private func fill(atMost limit: Int = .max) throws {
        let count = recv(descriptor, &chunk, min(chunk.count, limit), 0)
        if count > 0 {
            buffer += chunk[..<count]
        } else if count == 0 {
            throw WireError.closed(partial: Array(unread))
        } else if errno == EAGAIN {
            throw WireError.timedOut
        } else if errno == ECONNRESET || errno == EPIPE {
            throw WireError.reset(partial: Array(unread))
        } else if errno != EINTR {
            throw SystemCallError("recv")
        }
    }

    private static func end(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count - start >= pattern.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            for index in start...(bytes.count - pattern.count)
            where bytes[index] == pattern[0] {
                if bytes[index..<index + pattern.count].elementsEqual(pattern) {
                    return index + pattern.count
                }
            }
            return nil
        }
    }
}
