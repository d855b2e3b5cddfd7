import Foundation

/// The wall clock of one main, which a test sets; its monotonic clock is the machine's.
///
/// libfaketime stands between the program and libc's clocks, and reads a file each time it is asked. For
/// one thread at a time.
final class WallClock {
    private static let library: String? =
        ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/faketime/libfaketime.so.1" }
        .first { FileManager.default.fileExists(atPath: $0) }

    /// A sanitizer's runtime has to come first, and has the same functions.
    static let canBeSet = library != nil && !ServerProcess.isSanitized

    private let file: URL
    /// What the library leaves.
    private var leftovers: [String] = []

    /// A clock that is right at first.
    init() throws {
        file = FileManager.default.temporaryDirectory
            .appendingPathComponent("kvs-clock-\(UUID().uuidString)")
        try set(ahead: 0)
    }

    deinit {
        for path in [file.path] + leftovers { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Sets it so many seconds ahead of what it is, or back, where they are below zero.
    func set(ahead seconds: Int) throws {
        let text = "\(seconds < 0 ? "" : "+")\(seconds)s\n"
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    /// Starts a main that has it.
    ///
    /// By `env`, in which the library makes its shared memory. In the program itself it would move the
    /// environment for that, beside which Swift looks for the command line.
    func main() throws -> ServerProcess {
        let settings = [
            "LD_PRELOAD": Self.library ?? "",
            "FAKETIME_TIMESTAMP_FILE": file.path,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
        let main = try ServerProcess(settings, wrapper: ["env"])
        leftovers += ["faketime_shm_", "sem.faketime_sem_"].map { "/dev/shm/\($0)\(main.pid)" }
        return main
    }
}
