import Glibc

/// stdout, for commands that are no server.
enum Output {
    /// Whether people read it, and no program.
    static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Writes all bytes. Where that cannot be, the program ends with status 74; and, as all filters do, by
    /// SIGPIPE where nobody reads any more.
    static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                Program.end(.output, "cannot write to stdout: \(String(cString: strerror(errno)))")
            }
        }
    }

    static func writeLine(_ line: String) { write(Array("\(line)\n".utf8)) }
}

extension String {
    /// The text with its controls as escapes: nothing in it can steer a terminal.
    var printable: String { unicodeScalars.reduce(into: "") { $0 += $1.printable } }
}

extension Unicode.Scalar {
    var isControl: Bool { properties.generalCategory == .control }

    fileprivate var printable: String { isControl ? escaped(asASCII: true) : String(self) }
}
