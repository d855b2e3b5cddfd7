import Glibc

/// How much memory this process may use at all.
enum MemoryLimit {
    /// In bytes: the container's limit where there is one and it is below the machine's memory, otherwise
    /// that.
    static var available: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        // Version 2 says "max" and version 1 a number near 2^63 where there is no limit.
        let group =
            ControlGroup.value(v2: "memory.max")
            ?? ControlGroup.value(v1: "memory", "memory.limit_in_bytes")
        guard let group = group.flatMap({ Int($0) }), group > 0 else { return machine }
        return min(group, machine)
    }
}
