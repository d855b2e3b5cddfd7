import Basics
import ContractCases
import EventLoops
import Glibc

/// One request and its reply over a connection of its own, by plain blocking calls: no thread, no event
/// loop, two descriptors. It sends what a client library would not, and reads what any server may say.
struct PlainExchange {
    enum Failure: Error, CustomStringConvertible {
        case system(SystemError)
        /// The time is over.
        case late
        case notHTTP

        var description: String {
            switch self {
            case .system(let error): error.description
            case .late: "no answer in time"
            case .notHTTP: "what came is no reply"
            }
        }

        /// Whether nobody may be there: another request would meet the same.
        var isSilence: Bool {
            switch self {
            case .late: true
            case .system(let error): error.call.description != "recv"
            case .notHTTP: false
            }
        }

        init(_ error: SystemError) {
            let isLate = error.errno == EAGAIN || error.errno == EINPROGRESS
            self = isLate ? .late : .system(error)
        }
    }

    let address: SocketAddress
    /// What stands in `Host`.
    let host: String
    let end: ContinuousClock.Instant

    func send(_ request: ContractRequest) throws(Failure) -> ContractReply {
        let result: Result<ContractReply, Failure>
        do throws(SystemError) {
            let descriptor = try connect()
            defer { close(descriptor) }
            try write(bytes(of: request), to: descriptor)
            result = try read(from: descriptor, isToHead: request.method == "HEAD")
        } catch {
            throw Failure(error)
        }
        return try result.get()
    }

    private func bytes(of request: ContractRequest) -> [UInt8] {
        var lines = ["\(request.method) \(request.target) HTTP/1.1", "Host: \(host)"]
        lines += request.headers
        lines.append("Connection: close")
        if let body = request.body { lines.append("Content-Length: \(body.count)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (request.body ?? [])
    }

    private func connect() throws(SystemError) -> Int32 {
        let descriptor = socket(
            address.family,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw SystemError("socket") }
        do throws(SystemError) {
            // The time to send holds for connecting as well (socket(7)).
            try limit(SO_SNDTIMEO, of: descriptor)
            guard address.connect(descriptor) == 0 else { throw SystemError("connect") }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Writes all, or as much as the server takes: one that refuses a body may answer and close in front of
    /// its end.
    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try limit(SO_SNDTIMEO, of: descriptor)
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EPIPE || errno == ECONNRESET { return }
            guard count >= 0 else { throw SystemError("send") }
            rest = rest.dropFirst(count)
        }
    }

    private func read(
        from descriptor: Int32,
        isToHead: Bool
    ) throws(SystemError) -> Result<ContractReply, Failure> {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            try limit(SO_RCVTIMEO, of: descriptor)
            let count = recv(descriptor, &part, part.count, 0)
            guard count >= 0 else { throw SystemError("recv") }
            bytes += part[..<count]
            do throws(ContractReply.Fault) {
                return .success(
                    try ContractReply(reading: bytes, isToHead: isToHead, isEnd: count == 0)
                )
            } catch {
                if error == .malformed { return .failure(.notHTTP) }
            }
        }
    }

    private func limit(_ option: Int32, of descriptor: Int32) throws(SystemError) {
        let left = ContinuousClock.now.duration(to: end)
        // Zero would be for ever.
        guard left > .milliseconds(1) else { throw SystemError("recv", errno: EAGAIN) }
        let (seconds, attoseconds) = left.components
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(descriptor, SOL_SOCKET, option, &time, size) == 0 else {
            throw SystemError("setsockopt")
        }
    }
}
