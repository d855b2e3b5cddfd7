import Basics

/// How the descriptors that a process may have are shared out.
extension Configuration {
    struct DescriptorShares: Equatable {
        /// Connections of clients, of all loops together; at least 1.
        var clients: Int
        /// Connections to the main, of one loop; at least 1.
        var mainConnectionsPerLoop: Int
    }

    /// The shares in this process, where loops have sockets and nothing else yet.
    ///
    /// - Parameter openFiles: The limit of open descriptors in force.
    func availableDescriptorShares(openFiles: Int) -> DescriptorShares {
        let own = Self.standardStreams + Self.runtimeAtStart + threads
        let foreign = max(0, OpenFileLimit.openCount(below: min(openFiles, 1024)) - own)
        return descriptorShares(openFiles: openFiles - foreign)
    }

    /// Shares the descriptors out between clients and, in a forwarder, the connections to the main.
    ///
    /// Clients get half of all, or what is left where that is less, even if only one connection to the
    /// main remains for each loop: requests can wait for one of these, while clients that are not let in
    /// cannot do anything.
    ///
    /// - Parameter openFiles: How many descriptors this server may have in all.
    func descriptorShares(openFiles: Int) -> DescriptorShares {
        let free = max(0, openFiles - ownDescriptors(openFiles: openFiles))
        let wanted = maximumConnections ?? .max
        guard case .forwarder = role else {
            return DescriptorShares(
                clients: max(1, min(wanted, free)),
                mainConnectionsPerLoop: forwardConnections
            )
        }
        let spare = (free - min(wanted, (openFiles + 1) / 2)) / threads
        let toMain = min(forwardConnections, max(1, spare))
        // With many loops, one connection to the main for each may be more than half.
        let clients = max(free - toMain * threads, (free + 1) / 2)
        return DescriptorShares(
            clients: max(1, min(wanted, clients)),
            mainConnectionsPerLoop: toMain
        )
    }

    /// The limit of open descriptors that this server needs; nil where `openFiles`, the one in force, is
    /// enough. Call it before anything is made: with fewer, libevent and Dispatch end the process.
    func neededOpenFiles(insteadOf openFiles: Int) -> Int? {
        let inherited = OpenFileLimit.openCount(below: min(openFiles, 1024))
        let foreign = max(0, inherited - Self.standardStreams)
        let toMain = if case .forwarder = role { threads } else { 0 }
        let needed = foreign + ownDescriptors(openFiles: 0) + toMain + Self.fewestClients
        return needed > openFiles ? needed : nil
    }

    /// A health check, a client or two, and some that are about to end: with fewer, a start helps nobody.
    private static let fewestClients = 8
    private static let standardStreams = 3
    /// epoll, eventfd, timerfd of Dispatch.
    private static let runtimeAtStart = 3

    /// Descriptors that are no connections, as counted in /proc/self/fd.
    private func ownDescriptors(openFiles: Int) -> Int {
        // With /dev/null, of which libevent keeps one.
        let process = Self.standardStreams + Self.runtimeAtStart + 1
        // epoll, eventfd, listener, both ends of libevent's pipe.
        let loop = 5
        // A socket and a file of the resolver.
        let resolver = if case .forwarder = role { 2 } else { 0 }
        // Files that are read now and then, and what the program around may open later.
        let others = min(32, openFiles / 32)
        return process + loop * threads + resolver + others
    }
}
