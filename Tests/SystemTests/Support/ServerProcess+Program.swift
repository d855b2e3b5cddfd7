import Foundation

extension ServerProcess {
    /// How a run of the program ended that was not meant to serve.
    struct Run {
        let status: ExitStatus?
        let standardOutput: String
        let standardError: String
    }

    /// Runs the program to its end, with exactly these settings: no address is filled in.
    ///
    /// - Returns: What it left; `status` is nil where it had to be killed after 10 s.
    static func run(
        _ environment: [String: String] = [:],
        arguments: [String] = []
    ) throws -> Run {
        let child = try ChildProcess(
            [try Program.kvs.path()] + arguments,
            environment: self.environment(adding: environment)
        )
        let status = child.waitForExit(timeout: .seconds(10))
        return Run(
            status: status,
            standardOutput: child.standardOutput,
            standardError: child.standardError
        )
    }

    /// What can be started as a server.
    enum Program: String {
        case kvs
        /// kvs, with an allocator under libevent that fails when it is told to.
        case allocationFaults = "allocation-faults"

        /// `KVS_PROGRAM` for kvs, where it is set; or else beside the running test program.
        func path() throws -> String {
            if self == .kvs, let path = ProcessInfo.processInfo.environment["KVS_PROGRAM"] {
                return path
            }
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: tests).deletingLastPathComponent()
                .appendingPathComponent(rawValue).path
        }
    }

    /// This process's environment without any setting of the program, and with `settings`.
    static func environment(adding settings: [String: String]) -> [String: String] {
        ProcessInfo.processInfo.environment
            .filter { name, _ in
                !["IP", "PORT", "MAINIP", "ISMAIN"].contains(name) && !name.hasPrefix("KVS_")
            }
            .merging(settings) { $1 }
    }
}

extension ServerProcess {
    /// The number of file descriptors it has open.
    func openDescriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    }

    /// The memory it has resident, in bytes.
    func residentBytes() throws -> Int { try statusBytes("VmRSS") }

    /// The address space it has, in bytes.
    func addressSpaceBytes() throws -> Int { try statusBytes("VmSize") }

    private func statusBytes(_ name: String) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        guard let kibibytes = line?.firstMatch(of: /(\d+) kB/).flatMap({ Int($0.1) }) else {
            throw SystemCallError("read of /proc/\(pid)/status", code: ENODATA)
        }
        return kibibytes * 1024
    }

    /// The CPU time it has used, in user space and in the kernel.
    func cpuTime() throws -> Duration {
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // The name in parentheses may hold spaces; utime and stime are fields 14 and 15, in ticks.
        guard let nameEnd = stat.lastIndex(of: ")") else {
            throw SystemCallError("read of /proc/\(pid)/stat", code: ENODATA)
        }
        let fields = stat[nameEnd...].split(separator: " ")
        let ticks = (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
        return .milliseconds(ticks * 1000 / sysconf(Int32(_SC_CLK_TCK)))
    }
}
