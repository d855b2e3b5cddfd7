import Basics
import ContractCases
import EventLoops
import Glibc

/// One request and its reply over a connection of its own, by plain blocking calls: no thread, no event
/// loop, two descriptors. It sends what a client library would not, and reads what any server may say.
struct PlainExchange {
    struct Failure: Error, CustomStringConvertible {
        enum Reason {
            case system(SystemError)
            /// The time is over.
            case late
            /// A signal has come.
            case interrupted
            case notHTTP
            case tooLong
            /// The host's name means no address.
            case noHost
        }

        let reason: Reason
        /// Whether the request, or a part of it, may have come to the server.
        let hasLeft: Bool

        init(_ reason: Reason, hasLeft: Bool) {
            if case .system(let error) = reason, Self.isLate(error) {
                self.reason = .late
            } else {
                self.reason = reason
            }
            self.hasLeft = hasLeft
        }

        private static func isLate(_ error: SystemError) -> Bool {
            error.errno == EAGAIN || error.errno == EINPROGRESS
        }

        var description: String {
            switch reason {
            case .system(let error): error.description
            case .late: "no answer in time"
            case .interrupted: "interrupted"
            case .notHTTP: "what came is no reply"
            case .tooLong: "the reply is too long"
            case .noHost: "no such host"
            }
        }

        /// Whether nobody may be there: another request would meet the same.
        var isSilence: Bool {
            switch reason {
            case .late, .noHost: true
            case .system(let error): error.call.description != "recv"
            case .interrupted, .notHTTP, .tooLong: false
            }
        }
    }

    let address: SocketAddress
    /// What stands in `Host`.
    let host: String
    let end: ContinuousClock.Instant

    func send(_ request: ContractRequest) throws(Failure) -> ContractReply {
        var wait = BoundedWait(end: end)
        let descriptor: Int32
        do throws(SystemError) {
            descriptor = try connect(&wait)
        } catch {
            throw Failure(error.errno == EINTR ? .interrupted : .system(error), hasLeft: false)
        }
        defer { close(descriptor) }
        let result: Result<ContractReply, Failure>
        do throws(SystemError) {
            try write(bytes(of: request), to: descriptor, &wait)
            result = try read(from: descriptor, isToHead: request.method == "HEAD", &wait)
        } catch {
            throw Failure(error.errno == EINTR ? .interrupted : .system(error), hasLeft: true)
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

    private func connect(_ wait: inout BoundedWait) throws(SystemError) -> Int32 {
        let descriptor = socket(
            address.family,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw SystemError("socket") }
        do throws(SystemError) {
            // The time to send holds for connecting as well (socket(7)). Called again, it goes on to wait.
            repeat {
                try wait.limit(SO_SNDTIMEO, of: descriptor)
                if address.connect(descriptor) == 0 { return descriptor }
            } while [EINTR, EAGAIN, EINPROGRESS, EALREADY].contains(errno)
            throw SystemError("connect")
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Writes all, or as much as the server takes: one that refuses a body may answer and close in front of
    /// its end.
    private func write(
        _ bytes: [UInt8],
        to descriptor: Int32,
        _ wait: inout BoundedWait
    ) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait.limit(SO_SNDTIMEO, of: descriptor)
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE || errno == ECONNRESET {
                return
            } else if errno != EINTR, errno != EAGAIN {
                throw SystemError("send")
            }
        }
    }

    private func read(
        from descriptor: Int32,
        isToHead: Bool,
        _ wait: inout BoundedWait
    ) throws(SystemError) -> Result<ContractReply, Failure> {
        var reader = ContractReplyReader(isToHead: isToHead)
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            try wait.limit(SO_RCVTIMEO, of: descriptor)
            let count = recv(descriptor, &part, part.count, 0)
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                throw SystemError("recv")
            }
            do throws(ContractReplyReader.Fault) {
                let reply = try reader.read(part[..<count], isEnd: count == 0)
                if let reply { return .success(reply) }
            } catch {
                return .failure(
                    Failure(error == .tooLong ? .tooLong : .notHTTP, hasLeft: true)
                )
            }
        }
    }
}
