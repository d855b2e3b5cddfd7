import Foundation

/// One run of the program as a client, from its start to its end.
struct CommandRun {
    let status: ExitStatus?
    let outputBytes: [UInt8]
    let error: String

    var output: String { String(decoding: outputBytes, as: UTF8.self) }

    /// - Parameters:
    ///   - arguments: Those of kvs.
    ///   - service: What `KVS_URL` says; nil: it is not set.
    ///   - input: What stands on stdin, in a file; nil: nothing, `/dev/null`.
    init(_ arguments: [String], service: Endpoint? = nil, input: [UInt8]? = nil) throws {
        try self.init(
            command: [try ServerProcess.Program.kvs.path()] + arguments,
            service: service,
            input: input
        )
    }

    /// The same with a terminal as stdin, stdout and stderr, whose lines end with CRLF.
    static func onTerminal(_ arguments: [String], service: Endpoint? = nil) throws -> CommandRun {
        let words = [try ServerProcess.Program.kvs.path()] + arguments
        let line = words.map { "'\($0)'" }.joined(separator: " ")
        return try CommandRun(
            command: ["script", "-qefc", line, "/dev/null"],
            service: service,
            input: nil
        )
    }

    /// - Parameter time: Where it has not ended by then, there is no status.
    init(
        command: [String],
        service: Endpoint?,
        input: [UInt8]?,
        within time: Duration = .seconds(20)
    ) throws {
        let settings = service.map { ["KVS_URL": "http://\($0)"] } ?? [:]
        let file = try input.map(Self.file)
        defer { file.map { _ = fclose($0) } }
        let child = try ChildProcess(
            command,
            environment: ServerProcess.environment(adding: settings),
            standardInput: file.map { fileno($0) }
        )
        status = child.waitForExit(timeout: time)
        outputBytes = child.standardOutputBytes
        error = child.standardError
    }

    /// A file without a name that holds these bytes, to be read from its beginning.
    private static func file(_ bytes: [UInt8]) throws -> UnsafeMutablePointer<FILE> {
        guard let file = tmpfile() else { throw SystemCallError("tmpfile") }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else {
            throw SystemCallError("fwrite")
        }
        rewind(file)
        return file
    }

    /// The one line of JSON on stdout.
    func json() throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(outputBytes))
        return object as? [String: Any] ?? [:]
    }
}
