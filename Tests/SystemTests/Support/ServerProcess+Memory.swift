import Foundation

extension ServerProcess {
    /// The most memory that it ever had resident (`VmHWM`), in bytes.
    func peakResidentBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        guard let kibibytes = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap({ Int($0.1) })
        else { throw SystemCallError("read of /proc/\(pid)/status", code: ENODATA) }
        return kibibytes * 1024
    }

    /// Whether the program is built with a sanitizer: its memory grows by design, since it keeps what
    /// was freed.
    static let isSanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains {
        ProcessInfo.processInfo.environment[$0] != nil
    }
}
