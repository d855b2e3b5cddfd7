import Foundation
import Testing

/// The program in a folder of its own, which every user may read. It is removed with this object.
final class ProgramCopy: Sendable {
    let path: String
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("kvs-copy-\(UUID().uuidString)")
        path = directory.appendingPathComponent("kvs").path
        // By another process: a child that is made meanwhile would inherit a descriptor that writes to the
        // file, and as long as it has that nobody can run it (ETXTBSY).
        let original = try ServerProcess.Program.kvs.path()
        let child = try ChildProcess(
            ["bash", "-c", "install -d -m 755 \"$1\" && install -m 755 \"$2\" \"$1/kvs\"", "bash"]
                + [directory.path, original],
            environment: ServerProcess.environment(adding: [:])
        )
        try #require(child.waitForExit() == .exited(0), "\(child.standardError)")
    }

    deinit { try? FileManager.default.removeItem(at: directory) }
}
