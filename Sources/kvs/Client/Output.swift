import Glibc

/// stdout, for commands that are no server.
enum Output {
    /// Whether people read it, and no program.
    static let isTerminal = isatty(STDOUT_FILENO) == 1

    /// Whether SIGPIPE would have ended the program before ``takeBrokenPipes()``.
    // Safe: written once, at the start, by the only thread.
    nonisolated(unsafe) private static var brokenPipesEnd = false

    /// From now on a reader of stdout that has gone is an error as any other, and no end at once; so is a limit
    /// of the size of files (`ulimit -f`).
    static func takeBrokenPipes() {
        var present = sigaction()
        sigaction(SIGPIPE, nil, &present)
        brokenPipesEnd = present.__sigaction_handler.sa_handler == nil
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Writes all bytes. Where that cannot be, the program ends with status 74; and, as all filters do, by
    /// SIGPIPE where nobody reads any more.
    ///
    /// - Parameter done: What has been done all the same, to be said then.
    static func write(_ bytes: [UInt8], behind done: String? = nil) {
        var rest = bytes[...]
        while let error = tryWrite(&rest) {
            if error != EINTR { end(error, behind: done) }
        }
    }

    static func writeLine(_ line: String, behind done: String? = nil) {
        write(Array("\(line)\n".utf8), behind: done)
    }

    /// Writes the object that an error is with `--json`. The status and stderr say it as well: where stdout
    /// takes nothing, that is no other error.
    ///
    /// - Parameter fields: What else it says: further fields, each behind a comma.
    static func writeError(_ reason: String, fields: String = "") {
        var rest = Array("{\"error\":\(JSONText.quoted(reason))\(fields)}\n".utf8)[...]
        while let error = tryWrite(&rest), error == EINTR {}
    }

    /// Writes bytes until none are left.
    ///
    /// - Returns: `errno` where a call fails.
    static func tryWrite(_ rest: inout ArraySlice<UInt8>) -> Int32? {
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Whoever shares it has made it non-blocking.
                var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, -1)
            } else {
                return errno
            }
        }
        return nil
    }

    /// Ends the program for an error of stdout.
    static func end(_ error: Int32, behind done: String? = nil) -> Never {
        let reason = "cannot write to stdout: \(String(cString: strerror(error)))"
        guard error == EPIPE, brokenPipesEnd else {
            Program.end(.output, done.map { "\(reason); \($0)" } ?? reason)
        }
        if let done { Program.say("error: \(reason); \(done)") }
        ProgressLine.clearForGood()
        signal(SIGPIPE, SIG_DFL)
        // The runtime's threads block signals.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(SIGPIPE)
        _exit(128 + SIGPIPE)
    }
}

extension String {
    /// The text with its controls as escapes: nothing in it can steer a terminal.
    var printable: String { unicodeScalars.reduce(into: "") { $0 += $1.printable } }
}

extension Unicode.Scalar {
    /// Whether it can steer a terminal, or what is shown around it: a control, or an invisible format
    /// character, such as those that turn the direction of writing. Not so the two joiners: languages and
    /// emoji are written with them.
    var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        case .format: self != "\u{200C}" && self != "\u{200D}"
        default: false
        }
    }

    fileprivate var printable: String { isControl ? escaped(asASCII: true) : String(self) }
}
