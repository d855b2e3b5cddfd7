import Glibc
import KVSClient

/// Where `kvs put` has a value from.
enum ValueSource {
    /// An argument of the command line.
    case argument(String)
    case file(String)
    case standardInput

    /// Why there is no value.
    struct Fault: Error {
        let status: Program.ExitStatus
        let reason: String

        init(status: Program.ExitStatus, reason: String) {
            (self.status, self.reason) = (status, reason)
        }

        /// Of a file, or of stdin, that cannot be read: `errno` says why.
        init(unreadable name: String) {
            let reason = String(cString: strerror(errno))
            self.init(
                status: .noInput,
                reason: "cannot read \(name.isEmpty ? "''" : name): \(reason)"
            )
        }
    }

    /// All its bytes; of what is too large, one more than the largest value has.
    func read() throws(Fault) -> [UInt8] {
        switch self {
        case .argument(let text): return try Self.bytes(ofArgument: text)
        case .standardInput: return try Self.read(STDIN_FILENO, "stdin")
        case .file(let path):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Fault(unreadable: path) }
            defer { close(descriptor) }
            return try Self.read(descriptor, path)
        }
    }

    private static func read(_ descriptor: Int32, _ name: String) throws(Fault) -> [UInt8] {
        var value: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        let progress = ProgressLine()
        defer { progress.clear() }
        while value.count <= KVSClient.maximumValueBytes {
            let room = min(part.count, KVSClient.maximumValueBytes + 1 - value.count)
            let count = Glibc.read(descriptor, &part, room)
            guard count != 0 else { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw Fault(unreadable: name)
            }
            value += part[..<count]
            if value.count >= ProgressLine.largeBytes {
                progress.show("\(ProgressLine.size(value.count)) read")
            }
        }
        return value
    }

    /// The bytes of an argument as they were given: Swift makes U+FFFD of what is not UTF-8.
    private static func bytes(ofArgument text: String) throws(Fault) -> [UInt8] {
        guard text.unicodeScalars.contains("\u{FFFD}") else { return Array(text.utf8) }
        var found: Set<[UInt8]> = []
        for index in 0..<Int(CommandLine.argc) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
            if String(decoding: bytes, as: UTF8.self) == text { found.insert(Array(bytes)) }
        }
        guard let bytes = found.first, found.count == 1 else {
            throw Fault(
                status: .usage,
                reason: "the value is not UTF-8: give it by --file or stdin"
            )
        }
        return bytes
    }
}
