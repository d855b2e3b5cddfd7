import Glibc

/// How many cores this process may use.
enum AvailableCores {
    /// The cores in the process's affinity mask, or fewer where a container's CPU quota allows less;
    /// at least 1.
    static var count: Int {
        max(1, min(affinityCount, quotaCount ?? .max))
    }

    /// Cores by the affinity mask: `taskset`, cpusets, `docker run --cpuset-cpus`. It is read from
    /// proc(5), because Swift's Glibc module has no sched_getaffinity(2).
    private static var affinityCount: Int {
        let prefix = "Cpus_allowed:"
        let status = ControlGroup.contents(ofFile: "/proc/self/status") ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }) else {
            return sysconf(Int32(_SC_NPROCESSORS_ONLN))
        }
        // Hexadecimal digits with commas: "ff" or "f,ffffffff".
        return line.dropFirst(prefix.count).reduce(0) {
            $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount
        }
    }

    /// Cores by the quota of the control group, rounded up: `docker run --cpus 1.5` gives 2.
    private static var quotaCount: Int? {
        // Version 2: "max 100000" or "150000 100000", in microseconds.
        if let line = ControlGroup.value(v2: "cpu.max") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let quota = Int(parts[0]), let period = Int(parts[1]) else {
                return nil
            }
            return cores(quota: quota, period: period)
        }
        guard let quota = ControlGroup.value(v1: "cpu", "cpu.cfs_quota_us").flatMap({ Int($0) }),
            let period = ControlGroup.value(v1: "cpu", "cpu.cfs_period_us").flatMap({ Int($0) })
        else { return nil }
        return cores(quota: quota, period: period)
    }

    private static func cores(quota: Int, period: Int) -> Int? {
        guard quota > 0, period > 0 else { return nil }
        return (quota + period - 1) / period
    }
}
