import ArgumentParser
import Basics
import Glibc
import KVSServer

/// The program: without a command it serves.
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kvs",
        abstract: "An in-memory key-value store over HTTP, and its client.",
        discussion: """
            Without a command, and with 'serve', it is a server. Without MAINIP an instance is the \
            main, which holds the data; with it, a forwarder, which relays each request to the main. \
            Every option can be given as an environment variable as well, whose name stands in \
            brackets; the option wins.

            Times: seconds, or 500ms, 90s, 5m, 2h, 1h30m. Sizes: bytes, or 64K, 512M, 1.5G, which \
            are powers of 1024 (Ki, MB and MiB mean the same).

            Exit status of a server: 0 after SIGTERM or SIGINT, 64 for a wrong option, 69 where the \
            address is not to be had, 71 where the system lacks something, 78 for a wrong setting. \
            The other commands say theirs in their own help: kvs put --help.
            """,
        version: "kvs \(KVSServer.version)",
        subcommands: [
            Serve.self, Put.self, Get.self, Delete.self, List.self, Export.self, Import.self,
            Health.self, Check.self,
        ]
    )

    @OptionGroup var options: Options

    func run() async throws { await Serve.serve(options) }

    /// Fails where an option of a server was given to a command that is none: they stand on the program
    /// itself, so that `kvs --port 80` serves.
    func refuseServerOptions() throws {
        let given = options.given
        for setting in Setting.table where given[setting.variable] != nil {
            throw ValidationError("the option for \(setting.variable) is for who starts a server")
        }
    }

    /// Exit statuses; but for the first, of sysexits.h.
    enum ExitStatus: Int32 {
        /// The key does not exist; a condition does not hold; or, of a check, a case failed.
        case negative = 1
        case usage = 64
        case dataRefused = 65
        case noInput = 66
        case unavailable = 69
        case system = 71
        case output = 74
        case configuration = 78
    }

    /// Ends the program for what parsing or a command has thrown: wrong use, mostly, and help. With
    /// `--json` an error is on stdout as well: the options cannot say so where they are what is wrong.
    static func end(withError error: any Error) -> Never {
        let words = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
        if exitCode(for: error) != .success, words.contains("--json") {
            Output.writeError(message(for: error))
        }
        exit(withError: error)
    }

    static func end(_ status: ExitStatus, _ reason: String) -> Never {
        say("error: \(reason)", exitStatus: status.rawValue)
        Glibc.exit(status.rawValue)
    }

    /// Writes a line to stderr, in front of the end, in place of a progress line.
    ///
    /// - Parameter status: The exit status that the program is to have where stderr takes no more.
    static func say(_ text: String, exitStatus status: Int32? = nil) {
        ProgressLine.clearForGood()
        var line = "kvs: \(text)\n"
        line.withUTF8 { LastWords.write(UnsafeRawBufferPointer($0), exitStatus: status) }
    }
}
