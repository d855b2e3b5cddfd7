package import Glibc

/// Threads for loops, and for calls that block.
package enum BackgroundThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread that runs `body` and ends by itself.
    ///
    /// - Throws: ``SystemError`` where the system has no thread left.
    package static func startDetached(
        _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        pthread_detach(try start(body))
    }

    /// Finds out whether `count` more threads may be had at once, by having them for a moment.
    ///
    /// - Throws: ``SystemError`` where they may not.
    package static func check(for count: Int) throws(SystemError) {
        let gate = Semaphore()
        var threads: [pthread_t] = []
        defer {
            for _ in threads { gate.post() }
            for thread in threads { pthread_join(thread, nil) }
            gate.release()
        }
        for _ in 0..<count { threads.append(try start { gate.wait() }) }
    }

    /// Starts a thread that runs `body` and ends. Somebody must join or detach it.
    ///
    /// - Throws: ``SystemError`` where the system has no thread left.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError)
        -> pthread_t
    {
        var thread = pthread_t()
        // Safe: balanced by takeRetainedValue on the new thread, or by release() below.
        let retained = Unmanaged.passRetained(Body(body))
        let status = pthread_create(
            &thread,
            nil,
            { context in
                // Safe: balances passRetained above.
                Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            },
            retained.toOpaque()
        )
        guard status == 0 else {
            retained.release()
            throw SystemError("pthread_create", errno: status)
        }
        return thread
    }
}
