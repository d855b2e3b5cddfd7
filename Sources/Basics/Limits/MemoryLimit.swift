import Glibc

/// How much memory this process may use at all.
package enum MemoryLimit {
    /// In bytes, at least 1: the least of the machine's memory, the limits of the control groups from
    /// ours to the root, and the process's own limits (`ulimit -v`, `ulimit -d`).
    ///
    /// - Parameter threads: The event loops that will be started.
    package static func available(threads: Int, groups: ControlGroup = ControlGroup()) -> Int {
        max(1, min(resident(groups: groups), process(threads: threads) ?? .max))
    }

    /// What may be resident, in bytes: the least of the machine's memory and the groups' limits.
    package static func resident(groups: ControlGroup = ControlGroup()) -> Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return min(machine, group(groups) ?? .max)
    }

    /// The least limit of all groups; nil where there is none. `memory.high` counts: who is above it is
    /// throttled until he stands still.
    static func group(_ groups: ControlGroup) -> Int? {
        // Version 2 says "max" and version 1 a number near 2^63 where there is no limit.
        let plain =
            groups.values(v2: "memory.max") + groups.values(v2: "memory.high")
            + groups.values(v1: "memory", "memory.limit_in_bytes")
        // It knows of groups above that a container cannot see.
        let name = "hierarchical_memory_limit "
        let hierarchical = groups.values(v1: "memory", "memory.stat").flatMap {
            $0.split(separator: "\n").filter { $0.hasPrefix(name) }.map { $0.dropFirst(name.count) }
        }
        return (plain.compactMap { $0.split(separator: "\n").first } + hierarchical)
            .compactMap { Int($0) }.filter { $0 > 0 }.min()
    }

    /// What RLIMIT_AS and RLIMIT_DATA leave, which limit addresses and not memory: what is mapped
    /// already, and a stack of 8 MiB for each thread, is taken off.
    private static func process(threads: Int) -> Int? {
        guard let pages = statm() else { return nil }
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        // The runtime's own threads, the log's, and the resolver's.
        let stacks = (threads + 4) * (8 << 20)
        let limits = [
            (RLIMIT_AS, pages[0] * pageBytes + stacks),
            (RLIMIT_DATA, pages[5] * pageBytes + stacks),
        ]
        return limits.compactMap { resource, taken in
            var limit = rlimit()
            let number = __rlimit_resource_t(resource.rawValue)
            guard getrlimit(number, &limit) == 0, limit.rlim_cur < Int.max / 2 else { return nil }
            return max(1, Int(limit.rlim_cur) - taken)
        }.min()
    }

    /// The memory that this process has resident, in bytes; nil where there is no proc(5).
    package static var residentBytes: Int? {
        statm().map { $0[1] * sysconf(Int32(_SC_PAGESIZE)) }
    }

    /// The addresses that this process has mapped, and what of them is resident, in bytes; nil where there is
    /// no proc(5).
    static var mappedAndResidentBytes: (mapped: Int?, resident: Int?) {
        guard let pages = statm() else { return (nil, nil) }
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        return (pages[0] * pageBytes, pages[1] * pageBytes)
    }

    /// The first seven numbers of /proc/self/statm; nil where it cannot be read. It takes no memory from the
    /// heap: it is asked where there may be none.
    private static func statm() -> [7 of Int]? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { bytes in
            let count = read(descriptor, bytes.baseAddress, bytes.count)
            guard count > 0 else { return nil }
            var numbers = [7 of Int](repeating: 0)
            var index = 0
            for byte in bytes[..<count] where index < numbers.count {
                if byte &- UInt8(ascii: "0") < 10 {
                    numbers[index] = numbers[index] * 10 + Int(byte &- UInt8(ascii: "0"))
                } else {
                    index += 1
                }
            }
            return numbers
        }
    }
}
