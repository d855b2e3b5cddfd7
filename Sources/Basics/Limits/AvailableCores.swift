import Glibc

/// How many cores this process may use.
package enum AvailableCores {
    /// The cores in the process's affinity mask, or fewer where a container's CPU quota allows less;
    /// at least 1.
    package static var count: Int {
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

    private static var quotaCount: Int? { quotaCount(ControlGroup()) }

    /// Cores by the least quota of the control groups from ours to the root, rounded up:
    /// `docker run --cpus 1.5` gives 2. Nil where there is none.
    static func quotaCount(_ groups: ControlGroup) -> Int? {
        // Version 2: "max 100000" or "150000 100000", in microseconds.
        var counts = groups.values(v2: "cpu.max").map { line in
            let parts = line.split { $0 == " " || $0 == "\n" }.map { Int($0) ?? 0 }
            return parts.count == 2 ? cores(quota: parts[0], period: parts[1]) : nil
        }
        for controller in ["cpu", "cpu,cpuacct"] {
            let quotas = groups.values(v1: controller, "cpu.cfs_quota_us")
            let periods = groups.values(v1: controller, "cpu.cfs_period_us")
            counts += zip(quotas, periods).map { cores(quota: number($0), period: number($1)) }
        }
        return counts.compactMap { $0 }.min()
    }

    private static func number(_ text: String) -> Int {
        text.split(separator: "\n").first.flatMap { Int($0) } ?? 0
    }

    private static func cores(quota: Int, period: Int) -> Int? {
        guard quota > 0, period > 0 else { return nil }
        return (quota + period - 1) / period
    }
}
