import Glibc

/// The one line on stderr that says why the program ends.
package enum LastWords {
    // Safe: written once, by the thread that ends the program, before the alarm that reads it is set.
    nonisolated(unsafe) private static var status: Int32 = 0

    /// Writes a line of at most 4,096 bytes, if stderr takes it: waits a second for that, and another one at
    /// most while it writes.
    ///
    /// It may be called in a signal handler: it does nothing but what signal-safety(7) allows. The
    /// process is about to end: SIGALRM becomes what bounds the write.
    ///
    /// - Parameter status: The exit status that the program is to have in any case; nil where a signal
    ///   is ending it.
    package static func write(_ line: UnsafeRawBufferPointer, exitStatus status: Int32?) {
        var entry = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 1000) > 0 else { return }
        // Another writer may fill the pipe between the two calls: then the alarm ends the process.
        if let status {
            Self.status = status
            signal(SIGALRM) { _ in _exit(LastWords.status) }
        } else {
            signal(SIGALRM, SIG_DFL)
        }
        var alarms = sigset_t()
        sigemptyset(&alarms)
        sigaddset(&alarms, SIGALRM)
        pthread_sigmask(SIG_UNBLOCK, &alarms, nil)
        alarm(1)
        _ = Glibc.write(STDERR_FILENO, line.baseAddress, line.count)
        alarm(0)
    }
}
