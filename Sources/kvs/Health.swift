import ArgumentParser
import Basics
import EventLoops
import Glibc
import KVSServer

/// `kvs health`: asks the server that runs here how it is, for containers' health checks.
struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the server that runs here whether it is well.",
        discussion: """
            Finds where it listens by itself, whatever IP, PORT and the options say, and asks for \
            /livez. It looks at the processes of this user that run this very program; where there is \
            more than one, each must be well. One whose program has file capabilities hides from it.

            Exit status: 0 where it is, 69 where it is not, does not answer within 2 s, or none runs.
            """
    )

    private static let timeoutSeconds = 2

    @ParentCommand private var program: Program

    func validate() throws {
        // They stand on the program itself, for who starts a server.
        let given = program.options.given
        for setting in Setting.table where given[setting.variable] != nil {
            throw ValidationError("the option for \(setting.variable) is for who starts a server")
        }
    }

    /// Runs the command that the command line gives, without any other thread, and ends the program.
    static func runAlone() -> Never {
        StartChecks.openStandardStreams()
        do {
            var command = try Program.parseAsRoot()
            try command.run()
            Glibc.exit(0)
        } catch {
            Program.exit(withError: error)
        }
    }

    func run() throws {
        // A server that has just gone is an error, no end by SIGPIPE.
        signal(SIGPIPE, SIG_IGN)
        let addresses = ListeningSockets.ofThisProgram()
        guard !addresses.isEmpty else { Self.fail("no server runs here") }
        let end = ContinuousClock.now + .seconds(Self.timeoutSeconds)
        for address in addresses {
            do throws(SystemError) {
                let status = try Self.askAnywhere(address, until: end)
                guard status == "200" else {
                    Self.fail("http://\(address)/livez: the answer is '\(status)', not 200")
                }
            } catch {
                let isLate = error.errno == EAGAIN || error.errno == EINPROGRESS
                let reason =
                    isLate ? "no answer within \(Self.timeoutSeconds) s" : error.description
                Self.fail("http://\(address)/livez: \(reason)")
            }
            Self.say("http://\(address): well\n")
        }
    }

    private static func fail(_ reason: String) -> Never {
        Program.end(.unavailable, reason)
    }

    /// What nobody reads is no reason to wait: the status says it all.
    private static func say(_ line: String) {
        var line = line
        var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 0) > 0, entry.revents & Int16(POLLOUT) != 0 else { return }
        _ = line.withUTF8 { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    /// Who listens at `::` mostly does so for IPv4 as well, and this machine may have no IPv6 address.
    private static func askAnywhere(
        _ address: SocketAddress,
        until end: ContinuousClock.Instant
    ) throws(SystemError) -> String {
        do throws(SystemError) {
            return try ask(address, until: end)
        } catch {
            let isGone = error.errno == EADDRNOTAVAIL || error.errno == ENETUNREACH
            guard isGone, address.description.hasPrefix("[::1]:"),
                let other = SocketAddress(numericHost: "127.0.0.1", port: address.port)
            else { throw error }
            return try ask(other, until: end)
        }
    }

    /// - Returns: The status code of `GET /livez`, or what stands in its place.
    private static func ask(
        _ address: SocketAddress,
        until end: ContinuousClock.Instant
    ) throws(SystemError) -> String {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        defer { close(descriptor) }
        // The time to send holds for connecting as well (socket(7)).
        try limit(SO_SNDTIMEO, of: descriptor, until: end)
        guard address.connect(descriptor) == 0 else {
            throw SystemError("connect")
        }
        var request = "GET /livez HTTP/1.1\r\nHost: kvs\r\nConnection: close\r\n\r\n"
        let sent = request.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
        guard sent == request.utf8.count else { throw SystemError("write") }
        var line: [UInt8] = []
        while line.count < 64, !line.contains(UInt8(ascii: "\n")) {
            try limit(SO_RCVTIMEO, of: descriptor, until: end)
            var part = [UInt8](repeating: 0, count: 64)
            let count = recv(descriptor, &part, part.count, 0)
            guard count >= 0 else { throw SystemError("recv") }
            guard count > 0 else { break }
            line += part[..<count]
        }
        let parts = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return parts.count > 1 ? String(parts[1]) : ""
    }

    private static func limit(
        _ option: Int32,
        of descriptor: Int32,
        until end: ContinuousClock.Instant
    ) throws(SystemError) {
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
