import Glibc

/// A value that threads share, behind a lock. Any thread may use it; `body` should be short.
///
/// A pthread mutex and not `Synchronization.Mutex`, whose waiting part ThreadSanitizer cannot see: it
/// then reports races where there are none.
package final class LockedValue<Value>: @unchecked Sendable {
    // Safe: `value` is touched only with the mutex held.
    private var value: Value
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    package init(_ value: Value) {
        self.value = value
        let failure = pthread_mutex_init(mutex, nil)
        precondition(failure == 0, "pthread_mutex_init: error \(failure)")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
