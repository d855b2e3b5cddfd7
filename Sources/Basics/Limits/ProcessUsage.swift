import Glibc

/// What this process has taken of the machine until now. Any thread may ask; nothing is kept.
package struct ProcessUsage: Sendable {
    /// In user space and in the kernel, all threads together.
    package let cpuSeconds: Double
    /// In bytes; nil where there is no proc(5).
    package let virtualBytes: Int?
    package let residentBytes: Int?
    /// nil where there is no proc(5).
    package let openFiles: Int?
    /// RLIMIT_NOFILE.
    package let maximumFiles: Int?
    /// Since the Epoch; nil where there is no proc(5).
    package let startSeconds: Double?

    package init() {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        (virtualBytes, residentBytes) = MemoryLimit.mappedAndResidentBytes
        openFiles = Self.countOpenFiles()
        var limit = rlimit()
        let hasLimit = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
        maximumFiles = hasLimit ? Int(clamping: limit.rlim_cur) : nil
        startSeconds = Self.start
    }

    /// Linux 6.2 and later tell the number by the size of the directory; before that it is 0, and they are
    /// counted one by one.
    private static func countOpenFiles() -> Int? {
        var status = stat()
        guard stat("/proc/self/fd", &status) == 0 else { return nil }
        if status.st_size > 0 { return status.st_size }
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // `.`, `..`, and the directory's own.
        return count - 3
    }

    /// The directory of the process is as old as the process.
    private static let start: Double? = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var sinceBoot = timespec()
        clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
        guard let ticks = startTicks else { return nil }
        let boot =
            Double(now.tv_sec - sinceBoot.tv_sec) + Double(now.tv_nsec - sinceBoot.tv_nsec) / 1e9
        return boot + Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    /// The 22nd field of /proc/self/stat, in ticks since the machine was started.
    private static var startTicks: Int? {
        let descriptor = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        // The second field, the name in parentheses, may hold anything.
        guard let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)..<count].split(separator: UInt8(ascii: " "))
        guard fields.count > 19 else { return nil }
        return Int(String(decoding: fields[19], as: UTF8.self))
    }
}
