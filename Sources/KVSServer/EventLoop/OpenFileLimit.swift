import Glibc

/// The limit of open descriptors (RLIMIT_NOFILE).
enum OpenFileLimit {
    /// Raises the limit to what the system allows this process at most.
    ///
    /// - Returns: The limit that is now in force.
    static func raise() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: min(limit.rlim_cur, 1 << 24))
    }
}
