import Glibc

/// The limit of open descriptors (RLIMIT_NOFILE).
package enum OpenFileLimit {
    /// Raises the limit to what the system allows this process at most.
    ///
    /// - Returns: The limit that is now in force.
    package static func raise() -> Int {
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

    /// How many descriptors below `limit` are open: those that were inherited count against the limit as
    /// well.
    package static func openCount(below limit: Int) -> Int {
        var polled = (0..<Int32(limit)).map { pollfd(fd: $0, events: 0, revents: 0) }
        guard poll(&polled, nfds_t(polled.count), 0) >= 0 else { return 0 }
        return polled.count { $0.revents & Int16(POLLNVAL) == 0 }
    }
}
