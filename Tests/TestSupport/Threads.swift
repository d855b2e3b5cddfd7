import Glibc

/// Runs `body` on `count` threads of their own, with their numbers, until all are done.
package func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Work: Sendable {
        let number: Int
        let body: @Sendable (Int) -> Void
        init(_ number: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.number = number
            self.body = body
        }
    }
    let threads = (0..<count).map { number in
        var thread = pthread_t()
        // Safe: the thread takes over the reference, once.
        let work = Unmanaged.passRetained(Work(number, body)).toOpaque()
        let failure = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                // Safe: the reference that was handed over above.
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                work.body(work.number)
                return nil
            },
            work
        )
        precondition(failure == 0, "pthread_create: error \(failure)")
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
}
