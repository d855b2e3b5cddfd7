import ArgumentParser
import Glibc
import KVSServer

/// `kvs health`: asks the server that runs here how it is, for containers' health checks.
struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the server that runs here whether it is well.",
        discussion: """
            Finds where it listens by itself, whatever IP, PORT and the options say, and asks for \
            /livez. It looks at the processes of this user that run this very program; where there is \
            more than one, each must be well.

            Exit status: 0 where it is, 69 where it is not, does not answer within 2 s, or none runs.
            """
    )

    private static let timeoutSeconds = 2

    @ParentCommand private var program: Program

    func validate() throws {
        // They stand on the program itself, for who starts a server.
        for setting in Setting.allCases where program.options.option(for: setting) != nil {
            throw ValidationError("the option for \(setting.rawValue) is for who starts a server")
        }
    }

    func run() throws {
        let addresses = ListeningSockets.ofThisProgram()
        guard !addresses.isEmpty else { Self.fail("no server runs here") }
        for address in addresses {
            do throws(SystemError) {
                let status = try Self.ask(address)
                guard status == "200" else {
                    Self.fail("http://\(address)/livez: the answer is '\(status)', not 200")
                }
            } catch {
                let reason =
                    error.errno == EAGAIN || error.errno == EINPROGRESS
                    ? "no answer within \(Self.timeoutSeconds) s" : error.description
                Self.fail("http://\(address)/livez: \(reason)")
            }
            print("http://\(address): well")
        }
    }

    private static func fail(_ reason: String) -> Never {
        Program.end(.unavailable, reason)
    }

    /// - Returns: The status code of `GET /livez`, or what stands in its place.
    private static func ask(_ address: SocketAddress) throws(SystemError) -> String {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        defer { close(descriptor) }
        // The time to send holds for connecting as well (socket(7)).
        var time = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            let size = socklen_t(MemoryLayout<timeval>.size)
            guard setsockopt(descriptor, SOL_SOCKET, option, &time, size) == 0 else {
                throw SystemError("setsockopt")
            }
        }
        guard address.withSockaddr({ connect(descriptor, $0, $1) }) == 0 else {
            throw SystemError("connect")
        }
        // A server that has just gone is an error, no end by SIGPIPE.
        signal(SIGPIPE, SIG_IGN)
        var request = "GET /livez HTTP/1.1\r\nHost: kvs\r\nConnection: close\r\n\r\n"
        let sent = request.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
        guard sent == request.utf8.count else { throw SystemError("write") }
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < 64, byte != UInt8(ascii: "\n") {
            let count = recv(descriptor, &byte, 1, 0)
            guard count >= 0 else { throw SystemError("recv") }
            guard count > 0 else { break }
            line.append(byte)
        }
        let parts = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return parts.count > 1 ? String(parts[1]) : ""
    }
}
